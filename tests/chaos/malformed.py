"""Records that no honest system would send: every class by name, each with what must become of it.

`LETTER`: nobody can accept it. `EITHER`: odd but readable; stored or refused, never lost.
"""

import gzip
import json

from tests.chaos.stream import STRUCTURED, Record

LETTER, EITHER = "letter", "either"
TOPIC = "leadline.booking.v1"
ACCOUNTS = 80  # so that no partition has more of them than another
MEBIBYTE = 1 << 20


class Malformed:
    """Makes the n-th record of a class; every value is unique, so that its bytes name it."""

    def __init__(self, rng):
        self._rng = rng
        self._number = 0

    def record(self, name):
        """Return (record, fate) of the class."""
        self._number += 1
        fate, make = CLASSES[name]
        made = make(self)
        if not isinstance(made, Record):
            made = Record(TOPIC, self.account.encode(), made, STRUCTURED)
        return made, fate

    def event(self, *, data=None, without=(), **envelope):
        """Return an event as JSON text; `data` and `envelope` replace its parts."""
        booking = {"booking_ref": f"M{self._number}", "phase": "confirmed"} | (data or {})
        whole = {
            "specversion": "1.0", "id": f"m-{self._number}-{self._rng.getrandbits(32):x}",
            "source": "/tms/odd", "type": TOPIC, "subject": self.account,
            "time": "2026-03-04T09:30:00+07:00", "data": booking,
        } | envelope  # fmt: skip
        return json.dumps({k: v for k, v in whole.items() if k not in without})

    def bytes(self, **changes):
        return self.event(**changes).encode()

    def unlike(self, old, new):
        """Return an event with its text changed, which need not be JSON any more."""
        return self.event(data={"teu": 4711}).replace(old, new).encode()

    def with_headers(self, *headers, **changes):
        return Record(TOPIC, self.account.encode(), self.bytes(**changes), tuple(headers))

    def keyed(self, key):
        return Record(TOPIC, key, self.bytes(), STRUCTURED)

    @property
    def account(self):
        return f"ACC-{self._number % ACCOUNTS:04d}"

    @property
    def mark(self):
        return b"%d" % self._number


NUL = chr(0)
CLASSES = {
    "truncated": (LETTER, lambda m: m.bytes()[: m._rng.randrange(1, 90)] + b"\x00" + m.mark),
    "empty": (LETTER, lambda m: b""),
    "byte order mark": (EITHER, lambda m: b"\xef\xbb\xbf" + m.bytes()),
    "UTF-16": (LETTER, lambda m: m.event().encode("utf-16")),
    "invalid UTF-8": (LETTER, lambda m: m.bytes().replace(b"confirmed", b"confirm\xc3\x28ed")),
    "a list": (LETTER, lambda m: b"[" + m.mark + b"]"),
    "a number": (LETTER, lambda m: m.mark),
    "a string": (LETTER, lambda m: b'"' + m.mark + b'"'),
    "deep nesting": (LETTER, lambda m: b"[" * 100_000 + m.mark + b"]" * 100_000),
    "deep data": (LETTER, lambda m: m.unlike("4711", "[" * 5_000 + "]" * 5_000)),
    "huge number": (LETTER, lambda m: m.unlike("4711", "9" * 200_000)),
    "NaN": (LETTER, lambda m: m.unlike("4711", "NaN")),
    "Infinity": (LETTER, lambda m: m.unlike("4711", "-Infinity")),
    "overflow": (LETTER, lambda m: m.unlike("4711", "1e400")),
    "duplicate keys": (EITHER, lambda m: m.unlike('"teu": 4711', '"teu": 1, "teu": 2')),
    "missing field": (LETTER, lambda m: m.bytes(without=("id",))),
    "missing data": (LETTER, lambda m: m.bytes(without=("data",))),
    "extra fields": (EITHER, lambda m: m.bytes(data={"colour": {"deep": [1]}}, extra="x")),
    "renamed field": (LETTER, lambda m: m.unlike('"phase"', '"Phase"')),
    "wrong type": (LETTER, lambda m: m.bytes(data={"teu": {"amount": 3}})),
    "null phase": (LETTER, lambda m: m.bytes(data={"phase": None})),
    "year 0": (LETTER, lambda m: m.bytes(time="0000-03-04T09:30:00Z")),
    "year 9999": (LETTER, lambda m: m.bytes(time="9999-12-31T23:59:59Z")),
    "year -1": (LETTER, lambda m: m.bytes(time="-0001-03-04T09:30:00Z")),
    "no such day": (LETTER, lambda m: m.bytes(time="2026-02-30T09:30:00Z")),
    "local time in a gap": (LETTER, lambda m: m.bytes(time="2026-03-29T02:30:00")),
    "negative amount": (LETTER, lambda m: m.bytes(data={"teu": -3})),
    "amount of 2^63": (LETTER, lambda m: m.bytes(data={"weight_kg": 2**63})),
    "negative money": (LETTER, lambda m: m.bytes(data=_money("-1.00"))),
    "money of 2^63": (LETTER, lambda m: m.bytes(data=_money(str(2**63)))),
    "no money": (LETTER, lambda m: m.bytes(data=_money("12,50 $"))),
    "money of a sign": (LETTER, lambda m: m.bytes(data=_money("-"))),
    "lone surrogate": (LETTER, lambda m: m.bytes(data={"origin": "VN\ud83d"})),
    "lone surrogate id": (LETTER, lambda m: m.bytes(id="\udc00-x")),
    "NUL in a name": (LETTER, lambda m: m.bytes(data={"origin": f"VN{NUL}HPH"})),
    "NUL in an id": (LETTER, lambda m: m.bytes(subject=f"ACC{NUL}1")),
    "right to left": (EITHER, lambda m: m.bytes(data={"origin": "\u202eمرفأ\u202c"})),
    "combining marks": (EITHER, lambda m: m.bytes(data={"origin": "Ha\u0309i Pho\u0300ng"})),
    "string of 1 MB": (LETTER, lambda m: m.bytes(data={"service": "x" * MEBIBYTE})),
    "id of 257": (LETTER, lambda m: m.bytes(id="i" * 257)),
    "empty id": (LETTER, lambda m: m.bytes(id="")),
    "unknown type": (LETTER, lambda m: m.bytes(type="leadline.teleport.v1")),
    "unknown version": (LETTER, lambda m: m.bytes(type="leadline.booking.v9")),
    "type of another topic": (LETTER, lambda m: m.bytes(type="leadline.account.v1")),
    "unknown specversion": (LETTER, lambda m: m.bytes(specversion="0.2")),
    "tombstone": (LETTER, lambda m: Record(TOPIC, m.account.encode(), None)),
    "null key": (EITHER, lambda m: m.keyed(None)),
    "key of another account": (LETTER, lambda m: m.keyed(b"SOMEBODY-ELSE")),
    "key that is no text": (LETTER, lambda m: m.keyed(b"\xff\xfe")),
    "empty headers": (EITHER, lambda m: m.with_headers(("", b""), ("x", None))),
    "refused with a null header": (LETTER, lambda m: m.with_headers(("x", None), without=("id",))),
    "headers of 10 kB": (EITHER, lambda m: m.with_headers(("x", b"y" * 10_000))),
    "headers of 100 kB": (LETTER, lambda m: m.with_headers(("x", b"y" * 100_000))),
    "binary mode without an id": (LETTER, lambda m: m.with_headers(("ce_type", TOPIC.encode()))),
    "codec bytes": (LETTER, lambda m: gzip.compress(m.bytes())),
    "codec name": (EITHER, lambda m: m.with_headers(("content-encoding", b"gzip"))),
    "gzip bomb": (LETTER, lambda m: gzip.compress(b"0" * 3_000_000 + m.mark)),
}  # fmt: skip
HEAVY = {"string of 1 MB": 0.1, "huge number": 0.3, "deep nesting": 0.3}
"""Classes whose records are large: so large a share of them only, of the others' number."""


def _money(amount):
    return {"revenue": {"amount": amount, "currency": "USD"}}


def plan(rng, count):
    """Return so many class names, each class in turn, in random order."""
    weights = {name: HEAVY.get(name, 1.0) for name in CLASSES}
    share = count / sum(weights.values())
    names = [name for name, weight in weights.items() for _ in range(max(1, round(share * weight)))]
    rng.shuffle(names)
    return names[:count]
