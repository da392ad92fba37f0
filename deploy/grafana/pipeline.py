"""The dashboard of the platform engineer: is the pipeline alive, quick and clean."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.layout import board, lay_out
from deploy.grafana.panels import lines, number, ranking

LAG = "max by (topic, partition) (leadline_consumer_lag_records)"
EVENTS = "rate(leadline_events_total[$__rate_interval])"


def pipeline() -> Dashboard:
    """Build the dashboard "Leadline pipeline"."""
    dashboard = board(
        "leadline-pipeline",
        "Leadline pipeline",
        "Events in, what became of them, how far behind, and what leaves.",
    )
    return lay_out(
        dashboard,
        [
            ("Now", 4, _now()),
            ("Events in", 9, _intake()),
            ("Lag", 9, _lag()),
            ("Batches", 9, _batches()),
            ("What leaves, and what was refused", 9, _leaving()),
        ],
    )


def _now() -> list[object]:
    return [
        number(
            "Processes up",
            "Leadline processes that Prometheus reaches.",
            "short",
            'sum(up{job=~"leadline.*", job!="leadline-accounts"})',  # that one asks the api again
        ),
        number(
            "Records behind",
            "Records in the log that are not yet applied, over all partitions.",
            "short",
            f"sum({LAG})",
            (10_000, 1_000_000),
        ),
        number(
            "Dead letters pending",
            "Records that could not be accepted and wait for a fix and a replay.",
            "short",
            "max(leadline_dead_letters_pending)",
            (1, 100),
        ),
        number(
            "Outbox pending",
            "Outbound events that wait for the relay.",
            "short",
            "max(leadline_outbox_pending)",
            (100, 10_000),
        ),
    ]


def _intake() -> list[object]:
    return [
        lines(
            "Events by outcome",
            "Applied are new facts; duplicates and conflicts change nothing; dead letters wait.",
            "cps",
            {"{{outcome}}": f"sum by (outcome) ({EVENTS})"},
            stacked=True,
        ),
        lines(
            "Events by type",
            "Every event that arrived, whatever became of it.",
            "cps",
            {"{{type}}": f"sum by (type) ({EVENTS})"},
            stacked=True,
        ),
    ]


def _lag() -> list[object]:
    return [
        lines(
            "Lag in records",
            "Log end less the database's offset, summed over the partitions of each topic.",
            "short",
            {"{{topic}}": f"sum by (topic) ({LAG})"},
        ),
        lines(
            "Lag in time",
            "Age of the oldest record that is not yet applied, by the broker's time.",
            "s",
            {"{{topic}}": "max by (topic) (leadline_consumer_lag_seconds)"},
        ),
    ]


def _batches() -> list[object]:
    return [
        lines(
            "Time to apply a batch",
            "From decoding to commit.",
            "s",
            {"median": _quantile(0.5), "99 %": _quantile(0.99)},
        ),
        lines(
            "Batches",
            "Batches committed, and those given up because another process had taken over.",
            "cps",
            {
                "committed": "sum(rate(leadline_batch_duration_seconds_count[$__rate_interval]))",
                "fenced": "sum(rate(leadline_partitions_fenced_total[$__rate_interval]))",
                "gaps healed": "sum(rate(leadline_gaps_healed_total[$__rate_interval]))",
            },
        ),
    ]


def _leaving() -> list[object]:
    return [
        lines(
            "Outbox",
            "Outbound events that wait for the relay. Rising without end: the relay is stuck.",
            "short",
            {"waiting": "max(leadline_outbox_pending)"},
        ),
        lines(
            "Dead letters",
            "Share of the events that could not be accepted.",
            "percentunit",
            {
                "{{type}}": 'sum by (type) (rate(leadline_events_total{outcome="dead_letter"}'
                f"[$__rate_interval])) / (sum by (type) ({EVENTS}) > 0)"
            },
        ),
        ranking(
            "Versions",
            "Processes by the version that they run.",
            "short",
            {"{{version}}": "count by (version) (leadline_build_info)"},
        ),
    ]


def _quantile(q: float) -> str:
    rate = "sum by (le) (rate(leadline_batch_duration_seconds_bucket[$__rate_interval]))"
    return f"histogram_quantile({q}, {rate})"
