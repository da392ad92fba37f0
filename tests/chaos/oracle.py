"""What the tables must hold, computed from the log alone, in plain Python.

Written from the outside contract; nothing of the product is imported here. What it returns has
the same form as `readings.state`: a dictionary of tables, each from a row's name to its content.
"""

import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
PHASES = (
    "requested", "confirmed", "amended", "rolled", "declined", "rejected", "cancelled", "completed",
)  # fmt: skip
REQUIRED = {
    "account": ("name",),
    "booking": ("booking_ref", "phase"),
    "complaint": ("ticket_ref", "phase"),
    "contact_change": ("contact_ref", "change"),
    "milestone": ("booking_ref", "code", "classifier"),
    "touchpoint": ("ref", "phase"),
    "warehouse": ("site", "day", "kind"),
}
KNOWN_PHASES = {
    "booking": PHASES,
    "complaint": ("opened", "updated", "responded", "escalated", "solved", "reopened"),
}
EVIDENCE = ("account", "complaint", "contact_change")
WORK_KINDS = ("inbound", "outbound", "storage", "returns")
COUNTED = (
    "demand", "business", "rejected", "cancelled", "freehand", "nominated",
    "teu", "volume", "weight", "trips", "revenue",
)  # fmt: skip


def expected(records, posted=()):
    """Return the tables that these records (and events accepted over HTTP) must have made."""
    inbound = [record for record in records if _noun(record.topic) in REQUIRED]
    letters, events, places = {}, {}, defaultdict(dict)
    offsets = Counter()
    for record in inbound:
        place = (record.topic, record.partition)
        offsets[place] = max(offsets[place], record.offset + 1)
        event, reason = understood(record)
        if reason:
            letters[(*place, record.offset)] = (reason, record.key, record.value)
            continue
        name = (event["source"], event["id"])
        first = events.setdefault(name, event)
        if first["data"] == event["data"]:
            # In one partition the first counts; over several it is whichever came first.
            places[name].setdefault(place, record.offset)
    for event in posted:
        events.setdefault((event["source"], event["id"]), event)
        places[event["source"], event["id"]][None, None] = None
    return _tables(events) | {
        "places": {name: {(*p, o) for p, o in found.items()} for name, found in places.items()},
        "letters": letters,
        "offsets": {place: (following, following) for place, following in offsets.items()},
    }


def understood(record):
    """Return (event, None), or (None, why nobody can accept the record)."""
    if record.value is None:
        return None, "tombstone"
    try:
        event = json.loads(record.value.decode())
    except UnicodeDecodeError:
        return None, "not_utf8"
    except json.JSONDecodeError:
        return None, "not_json"
    reason = _misplaced(event, record) or _unfit(_noun(event["type"]), event["data"])
    return (None, reason) if reason else (event, None)


def _misplaced(event, record):
    if event["type"] != record.topic:
        known = _noun(event["type"]) in REQUIRED and event["type"].endswith(".v1")
        return "topic_mismatch" if known else "unknown_version"
    if record.key is not None and record.key.decode() != event["subject"]:
        return "key_mismatch"
    return None


def _unfit(noun, data):
    if any(data.get(field) is None for field in REQUIRED[noun]):
        return "missing_field"
    if noun in KNOWN_PHASES and data["phase"] not in KNOWN_PHASES[noun]:
        return "invalid_field"
    if noun == "warehouse" and data["kind"] not in WORK_KINDS:
        return "invalid_field"
    return None


def _tables(events):
    """Return the tables that follow from accepted events, each counted once."""
    ledger, evidence, accounts, feeds, fed, hours = {}, {}, {}, {}, {}, Counter()
    masters, bookings, work = (defaultdict(list) for _ in range(3))
    for name, event in events.items():
        source, event_id = name
        noun, account, time = _noun(event["type"]), event["subject"], micros(event["time"])
        ledger[name] = (noun, account, time, event["data"])
        if noun in EVIDENCE:
            evidence[name] = (account, noun, time, event["data"])
        if noun == "account":
            masters[account].append((time, source, event_id, event["data"]))
        if noun == "booking":
            system = event["data"].get("ref_system") or source
            booking = (account, system, event["data"]["booking_ref"])
            bookings[booking].append((time, source, event_id, event["data"]))
        if noun == "warehouse":
            day = (account, source, *(event["data"][field] for field in REQUIRED[noun]))
            work[day].append((time, source, event_id, event["data"]))
        count, first, last = accounts.get(account, (0, time, time))
        accounts[account] = (count + 1, min(first, time), max(last, time))
        count, first, last = feeds.get((source, noun), (0, time, time))
        feeds[source, noun] = (count + 1, min(first, time), max(last, time))
        fed[source, noun, account] = True
        hours[source, noun, time // (DAY // 24)] += 1
    return {
        "ledger": ledger,
        "evidence": evidence,
        "accounts": accounts,
        "masters": {account: _master(told) for account, told in masters.items()},
        "feeds": feeds,
        "feed_accounts": fed,
        "feed_hours": dict(hours),
        "bookings": _days(bookings, work),
    }


def _days(bookings, work):
    """Return the sums of what each (account, business day) amounts to in the end."""
    days = defaultdict(Counter)
    for (account, _, _), told in bookings.items():
        told.sort(key=lambda event: (event[0], PHASES.index(event[3]["phase"]), *event[1:3]))
        days[account, told[0][0] // DAY].update(_booking([data for *_, data in told]))
    for (account, _, _, day, kind), told in work.items():
        number = (date.fromisoformat(day) - EPOCH.date()).days
        # What is stored is as the last report says; what is done adds up.
        counted = [max(told, key=lambda event: event[:3])] if kind == "storage" else told
        for *_, data in counted:
            days[account, number].update(_worked(data))
    return {
        day: tuple(sums[name] for name in COUNTED)
        for day, sums in days.items()
        if any(sums.values())
    }


def _booking(told):
    """Return what one booking counts for, given its events in the order of their time."""
    phase, fields = "confirmed", {}
    for data in told:
        fields |= data
        if data["phase"] not in ("amended", "rolled"):
            phase = data["phase"]
    if fields.get("level") == "master":
        return {}
    if phase == "cancelled" and fields.get("by") in ("carrier", "us"):
        phase = "rejected"
    if phase == "cancelled":
        return {"cancelled": 1}
    if phase == "rejected":
        return {"demand": 1, "rejected": 1}
    if phase == "requested":
        return {"demand": 1}
    if phase not in ("confirmed", "completed"):
        return {}
    weight = fields.get("chargeable_kg") or fields.get("weight_kg")
    revenue = (fields.get("revenue") or {}).get("amount")
    chosen = _chosen(fields.get("nominated_by"), fields.get("incoterm"))
    return {
        "demand": 1, "business": 1, **chosen, "teu": _thousandths(fields.get("teu")),
        "volume": _thousandths(fields.get("volume_cbm")), "weight": _thousandths(weight),
        "revenue": round(float(revenue or 0) * 10_000),
    }  # fmt: skip


def _chosen(nominated_by, incoterm):
    """Return which side chose the forwarder: said outright, or who buys the main carriage."""
    if nominated_by:
        side = "freehand" if nominated_by in ("shipper", "us") else "nominated"
        return {side: 1}
    if not incoterm:
        return {}
    return {"nominated" if incoterm[0] in "EF" else "freehand": 1}


def _worked(data):
    """Return what one report of warehouse work counts for."""
    figures = [data.get(name) for name in ("orders", "lines", "units", "pallets", "volume_cbm")]
    figures = [one for one in figures if one is not None]
    if figures and not any(figures):
        return {}
    if data["kind"] == "storage":
        return {"demand": 1, "volume": _thousandths(data.get("volume_cbm"))}
    return {"demand": 1, "trips": _thousandths(data.get("orders"))}


def _master(told):
    fields = {}
    for *_, data in sorted(told, key=lambda event: event[:3]):
        fields |= data
    return fields.get("name"), fields.get("tier"), (fields.get("kam") or {}).get("id")


def _thousandths(value):
    return round((value or 0) * 1000)


def _noun(topic):
    """Return the noun of a topic or type; nothing of one that is not inbound, such as `.dlq`."""
    parts = topic.split(".")
    return parts[1] if len(parts) == 3 else ""


def micros(text):
    """Return microseconds since 1970."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)
