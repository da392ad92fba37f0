"""The metrics that dashboards and alert rules of others may rely on, with their labels."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.runtime.telemetry import REGISTRY, render_metrics

PROMISED = {
    "leadline_events": {"type", "outcome"},
    "leadline_consumer_lag_records": {"topic", "partition"},
    "leadline_consumer_lag_seconds": {"topic", "partition"},
    "leadline_batch_duration_seconds": set(),
    "leadline_event_to_alert_seconds": set(),
    "leadline_accounts": {"band"},
    "leadline_alerts": {"type", "state"},
    "leadline_playbook_runs": {"playbook", "state"},
    "leadline_outbox_pending": set(),
    "leadline_dead_letters_pending": set(),
    "leadline_source_silent_seconds": {"source", "type"},
    "leadline_build_info": {"version"},
    # Beyond the promise, but our own rules ask for them.
    "leadline_breaker_open": {"topic"},
    "leadline_partitions_fenced": set(),
    "leadline_instance_id_shared": set(),
    "leadline_topic_partitions": {"topic"},
    "leadline_scoring_overdue_seconds": set(),
    "leadline_market_volume_ratio": set(),
    "leadline_silence_predicted_ratio": set(),
    "leadline_silence_realised_ratio": set(),
    "leadline_recency_psi": {"feature"},
    "leadline_market_shift_log_odds": set(),
    "leadline_calibration_error_ratio": {"role"},
    "leadline_ranking_auc_ratio": {"role"},
    "leadline_warning_caught_ratio": {"method"},
    "leadline_warning_months": {"method", "until"},
    "leadline_warning_accounts": {"outcome"},
}
PERSONAL = {"account", "account_id", "kam", "owner", "contact", "contact_ref", "subject", "name"}


def collectors():
    # The registry has no public list; a label set without children yields no sample.
    return dict(REGISTRY._names_to_collectors)


@pytest.mark.parametrize("name", PROMISED)
def test_a_promised_metric_is_there_with_its_labels(name):
    known = collectors()
    metric = known.get(name) or known[f"{name}_total"]
    assert set(metric._labelnames) == PROMISED[name]


def test_no_label_names_an_account_or_a_person():
    for metric in collectors().values():
        assert not PERSONAL & set(getattr(metric, "_labelnames", ()))


def test_counters_begin_at_zero_so_that_a_rate_sees_the_first_event():
    families = text_string_to_metric_families(render_metrics().decode())
    events = next(family for family in families if family.name == "leadline_events")
    begun = {(s.labels["type"], s.labels["outcome"]) for s in events.samples}
    assert {("booking", "applied"), ("other", "dead_letter")} <= begun
