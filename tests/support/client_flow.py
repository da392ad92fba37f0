"""A customer's program: the main flow of the api through a generated client, fully typed.

Run by the interpreter that the client was generated with, beside the package `leadline_client`:
`python client_flow.py URL MANAGERS_TOKEN SERVICE_TOKEN`. It knows nothing of the product's code.
"""

import sys
from datetime import UTC, datetime
from typing import Any, TypeVar

from leadline_client import AuthenticatedClient
from leadline_client.api.accounts import list_accounts, show_account, show_signals, show_timeline
from leadline_client.api.alerts import acknowledge, list_alerts, resolve, show_alert, snooze
from leadline_client.api.events import post_events
from leadline_client.api.operations import show_status
from leadline_client.api.playbooks import close_run, complete_task, list_playbooks, start_run
from leadline_client.models import (
    AccountDetail,
    Alert,
    AlertState,
    CloseRun,
    CloseRunOutcome,
    CloudEvent,
    CloudEventData,
    CloudEventSpecversion,
    CloudEventType,
    EventResults,
    EventResultStatus,
    ItemsAccount,
    ItemsAlert,
    ItemsPlaybook,
    ItemsSignalItem,
    ItemsTimelineItem,
    Problem,
    Resolve,
    ResolveOutcome,
    Run,
    RunOutcomeType0,
    RunState,
    ShowTimelineTypeType0,
    Snooze,
    StartRun,
    Status,
    TaskState,
)
from leadline_client.types import Response

T = TypeVar("T")
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
LATER = datetime(2026, 9, 1, tzinfo=UTC)


def got(kind: type[T], answer: Response[Any], status: int = 200) -> T:
    """Return the answer's body, which must be of this kind."""
    assert answer.status_code == status, answer
    assert isinstance(answer.parsed, kind), answer
    return answer.parsed


def alerts(client: AuthenticatedClient) -> str:
    """Acknowledge, snooze and resolve one open alert; return its account."""
    found = got(ItemsAlert, list_alerts.sync_detailed(client=client, limit=500))
    name = next(one.alert_id for one in found.items if one.state == AlertState.OPEN)
    seen = show_alert.sync_detailed(name, client=client)
    tag = seen.headers["ETag"]
    assert show_alert.sync_detailed(name, client=client, if_none_match=tag).status_code == 304

    taken = acknowledge.sync_detailed(name, client=client, if_match=tag)
    assert got(Alert, taken).state == AlertState.ACKNOWLEDGED
    stale = snooze.sync_detailed(
        name, client=client, if_match=tag, body=Snooze(until=LATER, reason="on holiday")
    )
    assert "has changed" in got(Problem, stale, 409).detail
    asleep = snooze.sync_detailed(
        name,
        client=client,
        if_match=taken.headers["ETag"],
        body=Snooze(until=LATER, reason="on holiday"),
    )
    assert got(Alert, asleep).state == AlertState.SNOOZED
    ended = Resolve(outcome=ResolveOutcome.RECOVERED_BY_ACTION, note="They book again.")
    for _ in range(2):
        closed = resolve.sync_detailed(
            name, client=client, body=ended, idempotency_key=f"resolve-{name}"
        )
        assert got(Alert, closed).state == AlertState.RESOLVED
    assert closed.headers["Idempotency-Replayed"] == "true"
    return got(Alert, closed).account_id


def runs(client: AuthenticatedClient, account: str) -> None:
    """Start a play by hand, complete its first task, close it."""
    library = got(ItemsPlaybook, list_playbooks.sync_detailed(client=client))
    wanted = StartRun(playbook=library.items[0].playbook, account_id=account)
    run = got(Run, start_run.sync_detailed(client=client, body=wanted), 201)
    task = run.tasks[0].task_id
    run = got(Run, complete_task.sync_detailed(run.run_id, task, client=client))
    assert run.tasks[0].state == TaskState.COMPLETED
    body = CloseRun(outcome=CloseRunOutcome.COMPLETED, note=None)
    run = got(Run, close_run.sync_detailed(run.run_id, client=client, body=body))
    assert (run.state, run.outcome) == (RunState.CLOSED, RunOutcomeType0.COMPLETED)


def events(client: AuthenticatedClient, account: str) -> None:
    """Send a booking, alone and again among others."""
    first, second, broken = booking(account, "c-1"), booking(account, "c-2"), booking(account, "")
    one = got(EventResults, post_events.sync_detailed(client=client, body=first), 202)
    many = post_events.sync_detailed(client=client, body=[first, second, broken])
    told = [result.status for result in (*one.results, *got(EventResults, many, 202).results)]
    assert told == [
        EventResultStatus.ACCEPTED,
        EventResultStatus.DUPLICATE,
        EventResultStatus.ACCEPTED,
        EventResultStatus.REJECTED,
    ]
    assert got(Status, show_status.sync_detailed(client=client)).dead_letters.pending > 0


def booking(account: str, name: str) -> CloudEvent:
    """Return a confirmed booking."""
    facts = {"booking_ref": name, "phase": "confirmed", "mode": "sea", "teu": 2}
    return CloudEvent(
        specversion=CloudEventSpecversion.VALUE_0,
        id=name,
        source="/tms/client",
        type_=CloudEventType.LEADLINE_BOOKING_V1,
        subject=account,
        time=NOON,
        data=CloudEventData.from_dict(facts),
    )


def account_of(client: AuthenticatedClient, account: str) -> None:
    """Read an account, its score's history, and its bookings page by page."""
    listed = got(ItemsAccount, list_accounts.sync_detailed(client=client, q=account))
    assert [one.account_id for one in listed.items] == [account]
    shown = got(AccountDetail, show_account.sync_detailed(account, client=client))
    assert shown.facts.bookings_total > 0
    assert shown.curve is None or shown.curve[0] == shown.risk
    got(ItemsSignalItem, show_signals.sync_detailed(account, client=client))
    seen, cursor = 0, None
    while True:
        page = got(
            ItemsTimelineItem,
            show_timeline.sync_detailed(
                account,
                client=client,
                type_=ShowTimelineTypeType0.BOOKING,
                to=LATER,
                limit=20,
                cursor=cursor,
            ),
        )
        seen, cursor = seen + len(page.items), page.next_cursor
        if cursor is None:
            break
    assert seen > 20


def errors(client: AuthenticatedClient, url: str) -> None:
    """Read refusals as problems."""
    unknown = got(Problem, show_account.sync_detailed("nobody", client=client), 404)
    assert "nobody" in unknown.detail
    wrong = got(Problem, list_alerts.sync_detailed(client=client, limit=0), 422)
    assert wrong.errors
    assert wrong.errors[0].path == "query.limit"
    foreign = AuthenticatedClient(base_url=url, token="ll_00000000_x")  # noqa: S106  # holds nothing
    refused = list_alerts.sync_detailed(client=foreign)
    assert got(Problem, refused, 401).status == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def main(url: str, manager: str, service: str) -> None:
    """Do all of it."""
    client = AuthenticatedClient(base_url=url, token=manager)
    account = alerts(client)
    runs(client, account)
    account_of(client, account)
    events(AuthenticatedClient(base_url=url, token=service), account)
    errors(client, url)
    print("the main flow went through")  # noqa: T201  # read by the test


if __name__ == "__main__":
    main(*sys.argv[1:])
