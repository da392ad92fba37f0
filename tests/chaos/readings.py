"""The product's tables as the oracle speaks of them: the one place that knows their columns.

`rows` is anything that runs a statement and returns its rows, on either database.
"""

import json

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
OFFSETS = """
SELECT topic, partition, next_offset, records_total FROM consumer_offset
WHERE topic <> '' AND next_offset > 0
"""
BOOKINGS = """
SELECT a.account_id, b.day, sum(b.demand), sum(b.business), sum(b.rejected), sum(b.cancelled),
  sum(b.teu), sum(b.volume), sum(b.weight), sum(b.revenue)
FROM booking_day b JOIN account a ON a.id = b.account_id GROUP BY a.account_id, b.day
"""
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
FEED_HOURS = """
SELECT s.uri, f.type_id, f.hour, f.events FROM feed_hour f JOIN source s ON s.id = f.source_id
"""
PENDING = {
    "dead letters to publish": "SELECT count(*) FROM ingest_outbox",
    "events to publish": "SELECT count(*) FROM signal_outbox",
}
UNSCORED = """
SELECT count(*) FROM account_facts f LEFT JOIN account_score s ON s.account_id = f.account_id
WHERE s.scored_revision IS NULL OR s.scored_revision < f.revision
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
        "bookings": {
            (account, day): tuple(map(int, sums))
            for account, day, *sums in rows(BOOKINGS)
            if any(sums)
        },
        "evidence": {
            (source, event_id): (account, kind, time, _parsed(data))
            for source, event_id, account, kind, time, data in rows(EVIDENCE)
        },
        "accounts": {account: tuple(rest) for account, *rest in rows(ACCOUNTS)},
        "masters": {account: tuple(rest) for account, *rest in rows(MASTERS)},
        "feeds": {(s, NOUNS[t]): tuple(rest) for s, t, *rest in rows(FEEDS)},
        "feed_hours": {(s, NOUNS[t], hour): n for s, t, hour, n in rows(FEED_HOURS)},
    }


def offsets(rows):
    """Return the next offset of each partition."""
    return {(t, p): following for t, p, following, _ in rows(OFFSETS)}


def pending(rows, *, scoring=False):
    """Return what still waits inside the product, by its name; nothing when all is done."""
    asked = PENDING | ({"accounts to score": UNSCORED} if scoring else {})
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
