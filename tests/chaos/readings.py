"""The product's tables as the oracle speaks of them: the one place that knows their columns.

`rows` is anything that runs a statement and returns its rows, on either database.
"""

import json
import struct

from shared.runtime.clock import WallClock

NOUNS = {
    1: "account", 2: "booking", 3: "warehouse", 4: "complaint", 5: "contact_change",
    6: "milestone", 7: "contract", 8: "quote", 9: "invoice", 10: "touchpoint", 11: "disruption",
}  # fmt: skip

LEDGER = """
SELECT s.uri, e.event_id, e.type_id, a.account_id, e.time, e.data, e.partition, e."offset"
FROM event e JOIN source s ON s.id = e.source_id JOIN account a ON a.id = e.account_id
"""
LETTERS = """
SELECT topic, partition, "offset", reason, key, value FROM dead_letter WHERE topic IS NOT NULL
"""
OFFSET_TABLE = "consumer_offset"
OFFSETS = f"""
SELECT topic, partition, next_offset, records_total FROM {OFFSET_TABLE}
WHERE topic <> '' AND next_offset > 0
"""
CHANGES = """
SELECT a.account_id, s.uri, e.event_id, e.changes
FROM event e JOIN source s ON s.id = e.source_id JOIN account a ON a.id = e.account_id
WHERE e.changes IS NOT NULL
"""
SERIES = """
SELECT r.id, s.uri, r.mode, r.service, r.origin, r.destination, r.currency
FROM series r JOIN source s ON s.id = r.source_id
"""
BOOKINGS = """
SELECT a.account_id, e.changes FROM event e JOIN account a ON a.id = e.account_id
WHERE e.changes IS NOT NULL
"""
CHANGE = struct.Struct("<ii7hbb6q")
"""Series, day, counts (demand, business, rejected, cancelled, rolled, delivered, late), who chose
(free hand, nominated), amounts (TEU, volume, weight, trips, revenue, margin)."""
COMPARED = (0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 13)  # demand to cancelled, who chose, TEU to revenue
EVIDENCE = """
SELECT s.uri, e.event_id, a.account_id, e.kind, e.time, e.data
FROM evidence e JOIN source s ON s.id = e.source_id JOIN account a ON a.id = e.account_id
"""
ACCOUNTS = """
SELECT a.account_id, f.events_total, f.first_event_at, f.last_event_at
FROM account_facts f JOIN account a ON a.id = f.account_id
"""
MASTERS = "SELECT account_id, name, tier, kam_id FROM account WHERE name IS NOT NULL"
FEEDS = """
SELECT s.uri, f.type_id, f.streamed_total, f.first_event_at, f.last_event_at
FROM feed f JOIN source s ON s.id = f.source_id
"""
FEED_ACCOUNTS = """
SELECT s.uri, f.type_id, a.account_id
FROM feed_account f JOIN source s ON s.id = f.source_id JOIN account a ON a.id = f.account_id
"""
FEED_HOURS = """
SELECT s.uri, f.type_id, f.hour, f.events FROM feed_hour f JOIN source s ON s.id = f.source_id
"""
SCORES = """
SELECT a.account_id, s.as_of, s.state, s.risk, s.curve, s.band, s.list, s.early_warning_months,
  s.coverage, s.lost, s.last_booking_at
FROM account_score s JOIN account a ON a.id = s.account_id
"""
ALERTS = """
SELECT a.account_id, l.alert_id, l.type, l.scope_key, l.reason_code, l.pending_since, l.opened_at,
  l.resolved_at, l.outcome, l.suppressed_reason, l.band, l.owner_id, l.playbook
FROM alert l JOIN account a ON a.id = l.account_id
"""
LAG = f"""
SELECT l.topic, l.partition, l.end_offset - o.next_offset
FROM partition_lag l JOIN {OFFSET_TABLE} o ON o.cluster_id = l.cluster_id
  AND o.topic = l.topic AND o.partition = l.partition
"""
REPLAYED = """
SELECT topic, partition, "offset" FROM dead_letter
WHERE topic IS NOT NULL AND replayed_at IS NOT NULL
"""
PENDING = {
    "dead letters to publish": "SELECT count(*) FROM ingest_outbox",
    "events to publish": "SELECT count(*) FROM signal_outbox",
}
UNSCORED = """
SELECT count(*) FROM account_facts f LEFT JOIN account_score s ON s.account_id = f.account_id
WHERE s.scored_revision IS NULL OR s.scored_revision < f.revision OR s.due_at < {midnight}
"""
TELL = """
INSERT INTO signal_outbox (event_id, kind, topic, key, body, created_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""
TOLD = "SELECT count(*) FROM stream_event"
RUNS = "SELECT run_id FROM playbook_run"
STREAM = "SELECT event_id, kind, key, body FROM stream_event"


def state(rows):
    """Return every table of facts: from a row's name to its content."""
    ledger, places = {}, {}
    for source, event_id, type_id, account, time, data, partition, offset in rows(LEDGER):
        name = (source, event_id)
        noun = NOUNS[type_id]
        topic = None if partition is None else f"leadline.{noun}.v1"
        ledger.setdefault(name, []).append((noun, account, time, json.loads(bytes(data))))
        places[name] = (topic, partition, offset)
    return {
        "ledger": ledger,  # a list each, since nothing but the product keeps it at one
        "places": places,
        "letters": {
            (topic, partition, offset): (reason, _bytes(key), _bytes(value))
            for topic, partition, offset, reason, key, value in rows(LETTERS)
        },
        "offsets": {(t, p): (following, total) for t, p, following, total in rows(OFFSETS)},
        "bookings": _bookings(rows),
        "evidence": {
            (source, event_id): (account, kind, time, _parsed(data))
            for source, event_id, account, kind, time, data in rows(EVIDENCE)
        },
        "accounts": {account: tuple(rest) for account, *rest in rows(ACCOUNTS)},
        "masters": {account: tuple(rest) for account, *rest in rows(MASTERS)},
        "feeds": {(s, NOUNS[t]): tuple(rest) for s, t, *rest in rows(FEEDS)},
        "feed_accounts": {(s, NOUNS[t], account): True for s, t, account in rows(FEED_ACCOUNTS)},
        "feed_hours": {(s, NOUNS[t], hour): n for s, t, hour, n in rows(FEED_HOURS)},
    }


def _bookings(rows):
    """Return the sums per account and business day."""
    found = {}
    for account, blob in rows(BOOKINGS):
        for _, day, *sums in CHANGE.iter_unpack(bytes(blob)):
            known = found.get((account, day), (0,) * len(sums))
            found[account, day] = tuple(a + b for a, b in zip(known, sums, strict=True))
    picked = {key: tuple(sums[at] for at in COMPARED) for key, sums in found.items()}
    return {key: sums for key, sums in picked.items() if any(sums)}


def changes(rows):
    """Return what each event changed, with names in place of row ids."""
    series = {number: tuple(names) for number, *names in rows(SERIES)}
    return sorted(
        (account, source, event_id, series[number], day, *sums)
        for account, source, event_id, blob in rows(CHANGES)
        for number, day, *sums in CHANGE.iter_unpack(bytes(blob))
    )


def scores(rows):
    """Return the current score of each account."""
    return {
        row[0]: (*row[1:4], _parsed(row[4]), *row[5:9], bool(row[9]), row[10])
        for row in rows(SCORES)
    }


def alerts(rows):
    """Return what the machine says of each alert."""
    return {row[:2]: row[2:] for row in map(tuple, rows(ALERTS))}


def replayed(rows):
    """Return the places of the dead letters that were accepted at last."""
    return set(map(tuple, rows(REPLAYED)))


def letter_ids(rows):
    """Return the ids of all dead letters, oldest first."""
    return [row[0] for row in rows("SELECT id FROM dead_letter ORDER BY id")]


def lag(rows):
    """Return how many records each partition has that are not applied, as last measured."""
    return {(topic, partition): records for topic, partition, records in rows(LAG)}


def complete_as_of(rows):
    """Return the moment as of which every account was last scored."""
    return next((row[0] for row in rows("SELECT complete_as_of FROM signals_progress")), None)


def offsets(rows):
    """Return the next offset of each partition."""
    return {(t, p): following for t, p, following, _ in rows(OFFSETS)}


def pending(rows, *, scoring=False):
    """Return what still waits inside the product, by its name; nothing when all is done."""
    # Whose history has come is looked at once more before midnight, when no more of it comes.
    midnight = (int(WallClock().now().timestamp()) // 86_400 + 1) * 86_400_000_000
    unscored = UNSCORED.format(midnight=midnight)
    asked = PENDING | ({"accounts to score": unscored} if scoring else {})
    return {what: n for what, sql in asked.items() if (n := rows(sql)[0][0])}


def stream(rows):
    """Return (kind, key, body) of every event that the relay has told, by its id."""
    return {event_id: (kind, key, bytes(body)) for event_id, kind, key, body in rows(STREAM)}


def told(rows):
    """Return how many events the relay has told."""
    return rows(TOLD)[0][0]


def runs(rows):
    """Return the ids of all playbook runs."""
    return {run_id for (run_id,) in rows(RUNS)}


def _bytes(value):
    return None if value is None else bytes(value)


def _parsed(value):
    return json.loads(value) if isinstance(value, str | bytes) else value
