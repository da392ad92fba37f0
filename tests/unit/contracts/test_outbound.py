"""Outbound events: bytes that follow from content alone."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from shared.contracts.outbound import (
    ALERT,
    SIGNAL,
    SOURCE,
    AlertEvent,
    AlertReason,
    EventId,
    Owner,
    SignalEvent,
    SignalReason,
    Thresholds,
    cloud_event,
    read_outbound,
)

AT = datetime(2026, 3, 5, tzinfo=UTC)


def alert(**changes):
    fields = {
        "alert_id": "a-1", "account_id": "ACC-0042", "type": "churn_risk", "state": "open",
        "band": "high", "risk_score": 62.0, "reason": AlertReason("churn_risk", "fewer bookings"),
        "scope": {"kind": "account"}, "owner": Owner("kam-linh"), "playbook": "executive_review",
        "due_at": AT, "opened_at": AT, "updated_at": AT,
        "evidence": [EventId("/tms", "7f0c")], "version": 1,
    }  # fmt: skip
    return AlertEvent(**(fields | changes))


def test_an_alert_reads_back_as_it_was_written():
    body = cloud_event(ALERT, "a-1:1", SOURCE, "ACC-0042", AT, alert())

    event = read_outbound(ALERT, body)

    assert event.data == alert()
    assert (event.id, event.source, event.subject, event.time) == ("a-1:1", SOURCE, "ACC-0042", AT)


def test_a_signal_reads_back_as_it_was_written():
    signal = SignalEvent(
        account_id="ACC-0042", state="scored", risk=0.5, risk_score=50.0, band="high",
        list="going_silent", early_warning_months=1, coverage=1.0, last_booking_at=None, as_of=AT,
        curve=(0.5,) * 12, base=0.0, reasons=(SignalReason("recency", 0.0, "silent", ["7f0c"]),),
        band_floor=None, thresholds=Thresholds(30, 50, 70), model_version="1",
    )  # fmt: skip

    assert read_outbound(SIGNAL, cloud_event(SIGNAL, "s", SOURCE, "A", AT, signal)).data == signal


def test_the_same_content_gives_the_same_bytes_whatever_the_order_of_keys():
    one = alert(scope={"kind": "lane", "origin": "VNHPH"})
    other = alert(scope={"origin": "VNHPH", "kind": "lane"})

    bodies = {cloud_event(ALERT, "a", SOURCE, "A", AT, data) for data in (one, other)}

    assert len(bodies) == 1


def test_the_time_is_written_in_utc_whatever_its_offset():
    local = AT.astimezone(timezone(timedelta(hours=7)))

    body = cloud_event(ALERT, "a", SOURCE, "A", local, alert())

    assert b'"time":"2026-03-05T00:00:00Z"' in body
    assert body == cloud_event(ALERT, "a", SOURCE, "A", AT, alert())


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="naive"):
        cloud_event(ALERT, "a", SOURCE, "A", AT.replace(tzinfo=None), alert())


def test_a_foreign_state_is_refused_by_readers():
    body = cloud_event(ALERT, "a", SOURCE, "A", AT, alert(state="closed"))

    with pytest.raises(msgspec.ValidationError, match="state"):
        read_outbound(ALERT, body)
