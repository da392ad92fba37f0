"""Synthetic records as many systems would send them: seeded, repeated, out of order, some broken.

What a record means is not said here: the oracle reads it from the log like anybody.
"""

import json
from collections import deque
from datetime import timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from shared.runtime.clock import WallClock

DAYS = 150
SOURCES = ("/tms/hph-1", "/tms/sgn-2", "/crm/one")
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
SHARES = (50, 20, 5, 6, 5, 4, 5, 5)  # of each kind of content, in percent
TERMS = ("FOB", "CIF", None)
FAR = 400  # records by which a reordered one may be late


class Record(NamedTuple):
    """One record to send."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple = ()
    timestamp_ms: int = 0


class Stream:
    """An endless source of records, the same for the same seed and day."""

    def __init__(
        self, rng, *, accounts=80, duplicates=0.02, reordered=0.10, bad=0.005, span=60_000
    ):
        self._rng = rng
        self._accounts = [f"ACC-{n:04d}" for n in range(accounts)]
        self._duplicates, self._reordered, self._bad = duplicates, reordered, bad
        self._span = span  # records after which event time has come from DAYS ago to now
        today = WallClock().now().replace(hour=0, minute=0, second=0, microsecond=0)
        self._start = today - timedelta(days=DAYS)
        self._recent = deque(maxlen=2_000)
        self._open = deque(maxlen=500)  # bookings that may still be changed
        self._number = 0

    def __iter__(self):
        """Yield records; some are held back, so that others overtake them."""
        held = []
        while True:
            place = self._number
            late = self._rng.randrange(1, FAR) if self._rng.random() < self._reordered else 0
            heappush(held, (place + late, place, self._next()))
            while held and held[0][0] <= place:
                yield heappop(held)[2]

    def _next(self):
        self._number += 1
        if self._recent and self._rng.random() < self._duplicates:
            return self._rng.choice(self._recent)
        if self._rng.random() < self._bad:
            return self._broken()
        record = self._event(*self._content())
        self._recent.append(record)
        return record

    def _content(self):
        """Return (noun, account, source, data) of the next event."""
        kinds = (self._new_booking, self._changed_booking, self._milestone, self._complaint,
                 self._contact_change, self._master, self._touchpoint, self._work)  # fmt: skip
        return self._rng.choices(kinds, SHARES)[0](self._rng.choice(self._accounts))

    def _milestone(self, account):
        data = {"booking_ref": f"B{self._rng.randrange(self._number)}", "code": "departed",
                "classifier": "actual"}  # fmt: skip
        return "milestone", account, SOURCES[0], data

    def _complaint(self, account):
        ticket = {"ticket_ref": f"T{self._rng.randrange(1 + self._number // 10)}",
                  "kind": "complaint", "severity": self._rng.randrange(1, 5),
                  "phase": self._rng.choice(["opened", "updated", "solved"])}  # fmt: skip
        return "complaint", account, "/crm/one", ticket

    def _contact_change(self, account):
        change = {"contact_ref": f"P{self._rng.randrange(300)}",
                  "change": self._rng.choice(["joined", "left", "role_changed"])}  # fmt: skip
        return "contact_change", account, "/crm/one", change

    def _master(self, account):
        master = {"name": f"{account} Ltd {self._number}", "tier": self._rng.choice(["A", "B"]),
                  "kam": {"id": f"K{self._rng.randrange(5)}", "name": "Lan Nguyễn"}}  # fmt: skip
        return "account", account, "/crm/one", master

    def _touchpoint(self, account):
        return "touchpoint", account, "/crm/one", {"ref": f"V{self._number}", "phase": "held"}

    def _work(self, account):
        """Return a report of one of a few days, so that many are of the same."""
        day = self._start + timedelta(days=self._rng.randrange(3))
        data = {"site": self._rng.choice(["HCM-2", "DC1"]), "day": f"{day:%Y-%m-%d}",
                "kind": self._rng.choice(["outbound", "storage"])}  # fmt: skip
        if self._rng.random() < 0.9:
            data |= {"orders": self._rng.randrange(40), "volume_cbm": self._rng.randrange(3) * 50}
        return "warehouse", account, "/wms/one", data

    def _new_booking(self, account):
        rng = self._rng
        source = rng.choice(SOURCES[:2])
        data = {
            "booking_ref": f"B{self._number}", "mode": "sea", "service": "FCL",
            "phase": rng.choices(["confirmed", "requested", "rejected"], [8, 3, 1])[0],
            "origin": "VNHPH", "destination": rng.choice(["DEHAM", "NLRTM", "USLAX"]),
            "teu": rng.randrange(1, 9), "volume_cbm": rng.randrange(100),
            "weight_kg": rng.randrange(20_000), "incoterm": rng.choice(TERMS),
            "revenue": {"amount": f"{rng.randrange(10_000)}.50", "currency": "USD"},
        }  # fmt: skip
        self._open.append((account, source, data["booking_ref"]))
        return "booking", account, source, data

    def _changed_booking(self, newcomer):
        if not self._open:
            return self._new_booking(newcomer)
        account, source, ref = self._rng.choice(self._open)
        phase = self._rng.choice(["confirmed", "amended", "rolled", "cancelled", "completed"])
        data = {"booking_ref": ref, "phase": phase}
        if phase == "amended":
            data["teu"] = self._rng.randrange(1, 9)
            data[self._rng.choice(["incoterm", "nominated_by"])] = None
            data |= self._rng.choice([{"incoterm": "DAP"}, {"nominated_by": "agent"}, {}])
        if phase == "cancelled":
            data["by"] = self._rng.choice(["customer", "carrier"])
        return "booking", account, source, data

    def _event(self, noun, account, source, data):
        share = (self._number - 1) % self._span / self._span
        when = self._start + timedelta(days=(DAYS - 1) * share)
        envelope = {
            "specversion": "1.0", "id": f"{self._number:07d}-{self._rng.getrandbits(32):08x}",
            "source": source, "type": f"leadline.{noun}.v1", "subject": account,
            "time": when.isoformat(), "datacontenttype": "application/json", "data": data,
        }  # fmt: skip
        value = json.dumps(envelope, ensure_ascii=False).encode()
        timestamp = int(when.timestamp() * 1000)
        return Record(envelope["type"], account.encode(), value, STRUCTURED, timestamp)

    def _broken(self):
        """Return a record that nobody can accept, of one of the kinds that the oracle knows."""
        account = self._rng.choice(self._accounts)
        good = self._event(
            "booking", account, SOURCES[0], {"booking_ref": "X", "phase": "confirmed"}
        )
        envelope = json.loads(good.value)
        broken = self._rng.choice([
            b"\xff\xfe not text",
            b'{"specversion": "1.0", ',
            None,
            json.dumps({**envelope, "data": {"phase": "confirmed"}}).encode(),
            json.dumps({**envelope, "data": {"booking_ref": "X", "phase": "teleported"}}).encode(),
            json.dumps({**envelope, "subject": "SOMEBODY-ELSE"}).encode(),
            json.dumps({**envelope, "type": "leadline.account.v1"}).encode(),
            json.dumps({**envelope, "type": "leadline.booking.v9"}).encode(),
        ])  # fmt: skip
        return good._replace(value=broken)
