"""The dashboard of the head of key accounts: who is at risk, how much, how long is left.

Several processes may show the same gauge of one database; `max` keeps it from counting twice.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.layout import board, choice, lay_out
from deploy.grafana.panels import lines, number, ranking, rows

ACCOUNT = "account_id, account, kam, tier"
CHOSEN = '{kam=~"$kam", tier=~"$tier"}'
AT_WORK = '{state=~"open|acknowledged|in_progress|snoozed"}'


def account_health() -> Dashboard:
    """Build the dashboard "Account health"."""
    dashboard = board(
        "leadline-account-health",
        "Account health",
        "Churn risk of the key accounts. Account panels show the accounts with the most margin "
        "at risk, at most 10,000.",
    )
    risk = "leadline_account_risk_ratio"
    dashboard.with_variable(choice("kam", "KAM", f"label_values({risk}, kam)"))
    dashboard.with_variable(choice("tier", "Tier", f"label_values({risk}, tier)"))
    return lay_out(
        dashboard,
        [
            ("Now", 4, _now()),
            ("Accounts", 10, _accounts()),
            ("Who needs attention", 12, _attention()),
            ("Alerts and playbooks", 9, _alerts()),
            ("Can the scores be trusted", 9, _trust()),
            ("Does the model still hold", 9, _model()),
            ("How early losses were warned of", 9, _warning()),
        ],
    )


def _now() -> list[object]:
    return [
        number(
            "Accounts scored",
            "Accounts that have a band. One without enough data has none.",
            "short",
            'sum(max by (band) (leadline_accounts{band!="none"}))',
        ),
        number(
            "High or critical",
            "Accounts whose risk, or a severe reason, puts them in the two upper bands.",
            "short",
            'sum(max by (band) (leadline_accounts{band=~"high|critical"}))',
            (1, 10),
        ),
        number(
            "Margin at risk",
            "Yearly margin times risk, summed over the chosen accounts, in the reporting currency. "
            "Lost accounts, and those on hold, out of season or without data, are in it: the "
            "page leaves them out. Accounts without a rate are not.",
            "short",
            f"sum(max by ({ACCOUNT}) (leadline_account_margin_at_risk{CHOSEN}))",
        ),
        number(
            "Accounts without a rate",
            "Chosen accounts that the margin at risk lacks: their currency has no rate in the "
            "table of LEADLINE_FX_RATES.",
            "short",
            f"sum(max by (currency, kam, tier) (leadline_account_margin_without_rate{CHOSEN})) "
            "or vector(0)",
            (1,),
        ),
        number(
            "Alerts at work",
            "Alerts that somebody should act on or is acting on.",
            "short",
            f"sum(max by (type, state) (leadline_alerts{AT_WORK}))",
        ),
    ]


def _accounts() -> list[object]:
    return [
        lines(
            "Bands over time",
            "How many accounts are in each band. Growing upper bands are losses to come.",
            "short",
            {"{{band}}": "max by (band) (leadline_accounts)"},
            stacked=True,
        ),
        ranking(
            "Months of early warning",
            "How many accounts are forecast to cross the decision threshold within so many months.",
            "short",
            {
                "{{months}}": 'count_values("months", '
                f"max by ({ACCOUNT}) (leadline_account_early_warning_months{CHOSEN}))"
            },
        ),
    ]


def _attention() -> list[object]:
    return [
        ranking(
            "Accounts by margin at risk",
            "The twenty accounts with the most yearly margin times risk, in the reporting "
            "currency; those without a rate are not among them.",
            "short",
            {
                "{{account}} ({{kam}})": f"topk(20, max by ({ACCOUNT}) "
                f"(leadline_account_margin_at_risk{CHOSEN}))"
            },
        ),
        rows(
            "Least time left",
            "The twenty accounts with the fewest months until the decision threshold is crossed.",
            "suffix: months",
            f"bottomk(20, max by ({ACCOUNT}) (leadline_account_early_warning_months{CHOSEN}))",
            hidden=(),
        ),
        rows(
            "Time since the last booking",
            "The twenty accounts that have not booked for the longest time.",
            "s",
            f"topk(20, time() - max by ({ACCOUNT}) "
            f"(leadline_account_last_booking_timestamp_seconds{CHOSEN}))",
            hidden=(),
        ),
    ]


def _alerts() -> list[object]:
    return [
        lines(
            "Open alerts by type",
            "Alerts that are open, acknowledged, in progress or snoozed.",
            "short",
            {"{{type}}": f"sum by (type) (max by (type, state) (leadline_alerts{AT_WORK}))"},
            stacked=True,
        ),
        lines(
            "Playbook runs by state",
            "What becomes of the runs that alerts triggered and people started.",
            "short",
            {"{{state}}": "sum by (state) (max by (playbook, state) (leadline_playbook_runs))"},
        ),
        lines(
            "Time from event to alert",
            "From the arrival of the event that opened an alert to the alert's commit.",
            "s",
            {
                "median": _quantile(0.5),
                "99 %": _quantile(0.99),
            },
        ),
    ]


def _trust() -> list[object]:
    return [
        ranking(
            "Silent sources",
            "For how long a feed has been silent beyond its own usual gap. Zero: it speaks. "
            "Accounts of a silent feed read 'no data', not 'at risk'.",
            "s",
            {"{{source}} {{type}}": "max by (source, type) (leadline_source_silent_seconds)"},
            (1, 86_400),
        ),
        lines(
            "Event lag",
            "Age of the oldest event that is not yet applied, the worst partition of each topic.",
            "s",
            {"{{topic}}": "max by (topic) (leadline_consumer_lag_seconds)"},
        ),
    ]


def _model() -> list[object]:
    return [
        lines(
            "Market volume",
            "Bookings of all accounts in the last 4 weeks over the usual, and what a shock adds to "
            "everybody's log-odds. Under 0.6 the market moved, not the accounts.",
            "short",
            {
                "volume over usual": "min(leadline_market_volume_ratio)",
                "shift of everybody's log-odds": "max(leadline_market_shift_log_odds)",
            },
        ),
        lines(
            "Silence, expected and seen",
            "Share of accounts that were to stay silent for the last month, and that did.",
            "percentunit",
            {
                "expected": "max(leadline_silence_predicted_ratio)",
                "seen": "max(leadline_silence_realised_ratio)",
            },
        ),
        lines(
            "Population stability",
            "How far the silences, in own gaps, are from those of the year before. Over 0.25 it is "
            "another population.",
            "short",
            {"{{feature}}": "max by (feature) (leadline_recency_psi)"},
        ),
        lines(
            "Calibration and ranking on closed windows",
            "Error of the risks that were told, and how well they ranked; the challenger's were "
            "recorded and never shown.",
            "percentunit",
            {
                "ECE, {{role}}": "max by (role) (leadline_calibration_error_ratio)",
                "AUC, {{role}}": "max by (role) (leadline_ranking_auc_ratio)",
            },
        ),
    ]


def _warning() -> list[object]:
    return [
        ranking(
            "Lost accounts that were caught",
            "Share of the lost accounts whose alert was open when the silence became obvious, "
            "beside as many alerts by chance and by recency.",
            "percentunit",
            {"{{method}}": "max by (method) (leadline_warning_caught_ratio)"},
        ),
        ranking(
            "Months from warning to loss",
            "Mean over all losses, missed ones as 0: until the last booking, and until the silence "
            "was obvious to anybody.",
            "suffix: months",
            {"{{method}}, {{until}}": "max by (method, until) (leadline_warning_months)"},
        ),
        number(
            "Accounts saved after an alert",
            "Alerts that ended well, with bookings afterwards.",
            "short",
            'max(leadline_warning_accounts{outcome="saved"})',
        ),
    ]


def _quantile(q: float) -> str:
    """Ask for a quantile over an hour: alerts are few, a shorter window would be empty."""
    rate = "sum by (le) (increase(leadline_event_to_alert_seconds_bucket[1h]))"
    return f"histogram_quantile({q}, {rate})"
