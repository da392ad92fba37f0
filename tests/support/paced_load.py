"""A paced load from a process of its own: bookings at a rate, and now and then an alarm.

Prints one JSON line per alarm that was handed to Kafka: its event's id, its account and the wall
clock's time. An alarm is a severe complaint or a sponsor who left, in turns: both open at once.
"""

import json
import random
import sys
import time

import msgspec
from confluent_kafka import Producer

from shared.runtime.clock import WallClock

BOOKING = "leadline.booking.v1"
COMPLAINT = "leadline.complaint.v1"
CONTACT = "leadline.contact_change.v1"
SLICE_S = 0.01
CLOCK = WallClock()
_BOOKING = (
    '{"specversion":"1.0","id":"%s","source":"/tms/hph-1","type":"leadline.booking.v1",'
    '"subject":"%s","time":"%s","datacontenttype":"application/json","data":{"booking_ref":"B-%s",'
    '"phase":"confirmed","mode":"sea","service":"FCL","origin":"VNHPH","destination":"DEHAM",'
    '"incoterm":"FOB","teu":2,"weight_kg":18500,"volume_cbm":56.0,"nominated_by":"consignee",'
    '"revenue":{"amount":"3150.00","currency":"USD"}}}'
)


class Load:
    """Writes to one broker; `accounts` are numbered from 0."""

    def __init__(self, bootstrap, accounts, seed):
        self._rng, self._accounts, self._count = random.Random(seed), accounts, 0
        self._run = f"{self._rng.getrandbits(40):010x}"
        self._producer = Producer({
            "bootstrap.servers": bootstrap, "linger.ms": 5, "compression.type": "lz4",
            "queue.buffering.max.messages": 500_000,
        })  # fmt: skip

    def booking(self, account=None):
        """Hand over one booking, of a random account unless one is named."""
        if account is None:
            account = self._rng.randrange(self._accounts)
        self._count += 1
        name = f"{self._run}-{self._count}"
        subject = f"ACC-{account:06d}"
        value = _BOOKING % (name, subject, _now(), name)
        self._producer.produce(BOOKING, value, subject)

    def evidence(self, topic, account, data):
        """Hand over a complaint or a contact change; return its event id."""
        self._count += 1
        name = f"{self._run}-{self._count}"
        subject = f"ACC-{account:06d}"
        envelope = {
            "specversion": "1.0", "id": name, "source": "/crm", "type": topic, "subject": subject,
            "time": _now(), "datacontenttype": "application/json", "data": data,
        }  # fmt: skip
        self._producer.produce(topic, msgspec.json.encode(envelope), subject)
        return {"id": name, "account": subject, "at": CLOCK.now().timestamp()}

    def alarm(self, account, *, sponsor):
        """Hand over what opens an alert at once; a new one even where another run has been."""
        name = f"{self._run}-{account}"
        if sponsor:
            data = {"contact_ref": f"p-{name}", "change": "left", "influence": "sponsor"}
            return self.evidence(CONTACT, account, data)
        data = {"ticket_ref": f"T-{name}", "phase": "opened", "severity": 1, "kind": "complaint"}
        return self.evidence(COMPLAINT, account, data)

    def flush(self):
        """Return once the broker has everything."""
        assert self._producer.flush(60) == 0

    def pace(self, rate, alarms_per_s, seconds):
        """Write for so long; yield each alarm as it is handed over."""
        begun = time.perf_counter()
        written = alarmed = 0
        order = self._rng.sample(range(self._accounts), int(alarms_per_s * seconds) + 1)
        while (passed := time.perf_counter() - begun) < seconds:
            while alarmed < alarms_per_s * passed:
                yield self.alarm(order[alarmed], sponsor=alarmed % 2 == 1)
                alarmed += 1
            while written < rate * passed:
                self.booking()
                written += 1
            self._producer.poll(0)
            time.sleep(max(0.0, SLICE_S - (time.perf_counter() - begun - passed)))
        self.flush()


def _now():
    return CLOCK.now().isoformat()


def main(bootstrap, accounts, rate, alarms_per_s, seconds, seed):
    load = Load(bootstrap, accounts, seed)
    for alarm in load.pace(rate, alarms_per_s, seconds):
        print(json.dumps(alarm), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
