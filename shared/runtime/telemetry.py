"""Every metric in one typed list, in a registry of our own."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from shared.domain.event_types import EventType

REGISTRY = CollectorRegistry()
OUTCOMES = ("applied", "duplicate", "conflict", "dead_letter")

EVENTS = Counter(
    "leadline_events",
    "Events by type and what became of them.",
    ("type", "outcome"),
    registry=REGISTRY,
)
CONSUMER_LAG_RECORDS = Gauge(
    "leadline_consumer_lag_records",
    "Records in the log that are not yet applied.",
    ("topic", "partition"),
    registry=REGISTRY,
)
CONSUMER_LAG_SECONDS = Gauge(
    "leadline_consumer_lag_seconds",
    "Age of the oldest record that is not yet applied, by the broker's time.",
    ("topic", "partition"),
    registry=REGISTRY,
)
BATCH_DURATION = Histogram(
    "leadline_batch_duration_seconds",
    "Time to apply one batch of records, from decoding to commit.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
EVENT_TO_ALERT = Histogram(
    "leadline_event_to_alert_seconds",
    "From the arrival of the event that opened an alert to the alert's commit.",
    buckets=(0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 1, 2.5, 5, 10, 30, 60, 300),
    registry=REGISTRY,
)
ACCOUNTS = Gauge("leadline_accounts", "Accounts by band.", ("band",), registry=REGISTRY)
ALERTS = Gauge("leadline_alerts", "Alerts by type and state.", ("type", "state"), registry=REGISTRY)
PLAYBOOK_RUNS = Gauge(
    "leadline_playbook_runs",
    "Playbook runs by playbook and state.",
    ("playbook", "state"),
    registry=REGISTRY,
)
OUTBOX_PENDING = Gauge(
    "leadline_outbox_pending", "Outbound events waiting for the relay.", registry=REGISTRY
)
DEAD_LETTERS_PENDING = Gauge(
    "leadline_dead_letters_pending", "Dead letters not yet replayed.", registry=REGISTRY
)
SOURCE_SILENT = Gauge(
    "leadline_source_silent_seconds",
    "For how long a feed has been silent beyond its own usual gap; 0 while it speaks.",
    ("source", "type"),
    registry=REGISTRY,
)
BREAKER_OPEN = Gauge(
    "leadline_breaker_open", "1 while a topic's intake is stopped.", ("topic",), registry=REGISTRY
)
INSTANCE_ID_SHARED = Gauge(
    "leadline_instance_id_shared",
    "1 while another process runs under this one's Kafka instance id.",
    registry=REGISTRY,
)
TOPIC_PARTITIONS = Gauge(
    "leadline_topic_partitions",
    "Partitions of a topic, as last seen; more of them move keys between partitions.",
    ("topic",),
    registry=REGISTRY,
)
PARTITIONS_FENCED = Counter(
    "leadline_partitions_fenced",
    "Batches given up because another process had moved the offset on.",
    registry=REGISTRY,
)
GAPS_HEALED = Counter(
    "leadline_gaps_healed", "Gaps before a batch that a seek back closed.", registry=REGISTRY
)
SCORING_OVERDUE = Gauge(
    "leadline_scoring_overdue_seconds",
    "For how long the account that waits longest should have been scored; 0 when none waits.",
    registry=REGISTRY,
)
MARKET_VOLUME = Gauge(
    "leadline_market_volume_ratio",
    "Bookings of all accounts in the last 4 weeks over the mean of a year's 4-week periods.",
    registry=REGISTRY,
)
SILENCE_PREDICTED = Gauge(
    "leadline_silence_predicted_ratio",
    "Share of accounts expected to be silent for the last month.",
    registry=REGISTRY,
)
SILENCE_REALISED = Gauge(
    "leadline_silence_realised_ratio",
    "Share of accounts that were silent for the last month.",
    registry=REGISTRY,
)
RECENCY_PSI = Gauge(
    "leadline_recency_psi",
    "Population stability index of a recency ratio against the year before; over 0.25 is another"
    " population.",
    ("feature",),
    registry=REGISTRY,
)
MARKET_SHIFT = Gauge(
    "leadline_market_shift_log_odds",
    "What a market shock adds to everybody's risk, in log-odds; 0 in calm months.",
    registry=REGISTRY,
)
CALIBRATION_ERROR = Gauge(
    "leadline_calibration_error_ratio",
    "Expected calibration error of the risks told, over windows that have closed.",
    ("role",),
    registry=REGISTRY,
)
RANKING_AUC = Gauge(
    "leadline_ranking_auc_ratio",
    "AUC of the risks told within each month, over windows that have closed.",
    ("role",),
    registry=REGISTRY,
)
WARNING_CAUGHT = Gauge(
    "leadline_warning_caught_ratio",
    "Share of the lost accounts whose alert was open when the silence became obvious.",
    ("method",),
    registry=REGISTRY,
)
WARNING_MONTHS = Gauge(
    "leadline_warning_months",
    "Mean months from the alert that caught a loss; missed losses count as 0.",
    ("method", "until"),
    registry=REGISTRY,
)
WARNING_ACCOUNTS = Gauge(
    "leadline_warning_accounts",
    "Accounts lost, and saved after an alert.",
    ("outcome",),
    registry=REGISTRY,
)
BUILD_INFO = Gauge("leadline_build_info", "1, with the version.", ("version",), registry=REGISTRY)


def product_version() -> str:
    """Return the installed version, or `dev` from a bare checkout."""
    try:
        return version("leadline")
    except PackageNotFoundError:
        return "dev"


def render_metrics() -> bytes:
    """Return every metric as Prometheus text."""
    return generate_latest(REGISTRY)


def _start_at_zero() -> None:
    """Create every known label set, so that a rate sees the first event."""
    for kind in (*(t.noun for t in EventType), "other"):
        for outcome in OUTCOMES:
            EVENTS.labels(kind, outcome)
    # Zero would be an alarm: not a number is what nobody has measured, and fires nothing.
    for gauge in (MARKET_VOLUME, SILENCE_PREDICTED, SILENCE_REALISED, MARKET_SHIFT):
        gauge.set(float("nan"))
    BUILD_INFO.labels(product_version()).set(1)


_start_at_zero()
