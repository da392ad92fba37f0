"""Every query of the api, each with arguments that reach its whole body."""

from services.api.paging import Page
from services.api.plays import Library
from services.api.principal import Principal
from services.api.queries.account import account_detail, account_facts
from services.api.queries.account_work import account_work
from services.api.queries.accounts import (
    AccountFilter,
    account_columns,
    account_count,
    account_forms,
    account_page,
)
from services.api.queries.actors import known_actors
from services.api.queries.alerts import (
    AlertFilter,
    alert_by_id,
    alert_page,
    lasting_page,
    latest_page,
)
from services.api.queries.asking import asking
from services.api.queries.attention import overview
from services.api.queries.dead_letters import dead_letter_by_id, dead_letter_page
from services.api.queries.explained import explanations
from services.api.queries.health import (
    account_health,
    accounts_by_band,
    alerts_by_state,
    database_answers,
    runs_by_state,
    scored_accounts,
)
from services.api.queries.histories import alert_stories
from services.api.queries.imports import stale_import
from services.api.queries.lane_notices import lane_notices
from services.api.queries.margin import total_at_risk, without_rate
from services.api.queries.people import contacts, open_complaints
from services.api.queries.played import play_on, plays_of, runs_telling
from services.api.queries.reached import intake_reached
from services.api.queries.runs import (
    RunFilter,
    run_before,
    run_by_id,
    run_page,
    run_version,
    runs_where,
)
from services.api.queries.scope import account_row_id, merge_of, merges_of, with_merged
from services.api.queries.sources import feed_health, has_synthetic, source_page
from services.api.queries.status import dead_letters_pending, outbox_pending, status
from services.api.queries.stream import changes_after, last_change_id
from services.api.queries.tallies import account_owners, list_cuts, tally
from services.api.queries.timeline import Span, signal_page, timeline_page
from services.api.queries.usual_gaps import UsualGaps
from services.api.queries.warnings import WarningFilter, warning_performance
from services.api.queries.zones import zone_names
from shared.domain.event_types import EventType
from shared.domain.rates import Rates
from shared.store.tables import AccountRow
from tests.support.factories import NOW

ADMIN, KAM, PAGE = Principal("k1", "admin"), Principal("k2", "kam", "kam-a"), Page(50)
ACCOUNTS, WORTH = 12, Rates("USD").at(NOW)

READS = {
    account_detail: lambda db, fixed: account_detail(db, KAM, "ACC-0", WORTH, NOW),
    account_facts: lambda db, fixed: account_facts(db, fixed.rows, NOW),
    account_count: lambda db, fixed: account_count(db, ADMIN, AccountFilter(q="a")),
    account_forms: lambda db, fixed: account_forms(db, rows_of(db), WORTH),
    account_owners: lambda db, fixed: account_owners(db, ADMIN),
    known_actors: lambda db, fixed: known_actors(db, ["kam-a"]),
    zone_names: lambda db, fixed: zone_names(db, ["ACC-0"]),
    lane_notices: lambda db, fixed: lane_notices(db, KAM),
    list_cuts: lambda db, fixed: list_cuts(db),
    asking: lambda db, fixed: asking(db, KAM, NOW),
    tally: lambda db, fixed: tally(db, ADMIN),
    account_page: lambda db, fixed: account_page(db, ADMIN, AccountFilter(q="a"), PAGE, WORTH),
    account_work: lambda db, fixed: account_work(db, KAM, "ACC-1", NOW, Library({}), "en"),
    account_row_id: lambda db, fixed: account_row_id(db, KAM, "ACC-1"),
    account_health: lambda db, fixed: account_health(db, NOW, 5, WORTH),
    accounts_by_band: lambda db, fixed: accounts_by_band(db),
    alert_by_id: lambda db, fixed: alert_by_id(db, KAM, "alert-1", NOW),
    alert_stories: lambda db, fixed: alert_stories(db, {"alert-1": "open"}),
    alert_page: lambda db, fixed: alert_page(db, ADMIN, AlertFilter(), PAGE, NOW),
    alerts_by_state: lambda db, fixed: alerts_by_state(db, NOW),
    changes_after: lambda db, fixed: changes_after(db, 0),
    contacts: lambda db, fixed: contacts(db, fixed.rows),
    dead_letter_by_id: lambda db, fixed: dead_letter_by_id(db, fixed.letter),
    dead_letter_page: lambda db, fixed: dead_letter_page(db, PAGE, reason="not_json", pending=True),
    dead_letters_pending: lambda db, fixed: dead_letters_pending(db),
    lasting_page: lambda db, fixed: lasting_page(db, ADMIN, AlertFilter(), PAGE, NOW),
    latest_page: lambda db, fixed: latest_page(db, ADMIN, AlertFilter(("open",)), PAGE, NOW),
    explanations: lambda db, fixed: explanations(db, rows_of(db), {}),
    feed_health: lambda db, fixed: feed_health(db, NOW, "wall", UsualGaps()),
    has_synthetic: lambda db, fixed: has_synthetic(db),
    last_change_id: lambda db, fixed: last_change_id(db),
    open_complaints: lambda db, fixed: open_complaints(db, fixed.rows),
    outbox_pending: lambda db, fixed: outbox_pending(db),
    overview: lambda db, fixed: overview(db, KAM, NOW, WORTH, Library({})),
    play_on: lambda db, fixed: play_on(
        db, KAM, alert_by_id(db, KAM, "alert-1", NOW), NOW, Library({})
    ),
    plays_of: lambda db, fixed: plays_of(
        db, [alert_by_id(db, KAM, "alert-1", NOW)], runs_where(db, KAM, []), NOW, Library({})
    ),
    run_before: lambda db, fixed: run_before(db, KAM, "run-1", {"kind": "close"}),
    run_by_id: lambda db, fixed: run_by_id(db, KAM, "run-1"),
    run_page: lambda db, fixed: run_page(db, ADMIN, RunFilter(state="open"), PAGE),
    run_version: lambda db, fixed: run_version(db, "run-1"),
    runs_telling: lambda db, fixed: runs_telling(
        db, KAM, "ACC-1", [alert_by_id(db, KAM, "alert-1", NOW)], NOW, Library({}), latest=3
    ),
    runs_where: lambda db, fixed: runs_where(db, KAM, []),
    runs_by_state: lambda db, fixed: runs_by_state(db),
    scored_accounts: lambda db, fixed: scored_accounts(db),
    signal_page: lambda db, fixed: signal_page(db, KAM, "ACC-0", PAGE),
    source_page: lambda db, fixed: source_page(db, PAGE, NOW, "wall", UsualGaps()),
    intake_reached: lambda db, fixed: intake_reached(db, NOW),
    stale_import: lambda db, fixed: stale_import(db, NOW, fixed.rows),
    status: lambda db, fixed: status(db, NOW, "event"),
    timeline_page: lambda db, fixed: timeline_page(db, KAM, "ACC-0", Span(), PAGE),
    total_at_risk: lambda db, fixed: total_at_risk(db, ADMIN, WORTH),
    without_rate: lambda db, fixed: without_rate(db, WORTH),
    warning_performance: lambda db, fixed: warning_performance(db, ADMIN, WarningFilter(), PAGE),
    merge_of: lambda db, fixed: merge_of(db, "ACC-1"),
    merges_of: lambda db, fixed: merges_of(db, ["ACC-1"]),
    with_merged: lambda db, fixed: with_merged(db, "ACC-0", fixed.rows[0]),
}
"""By function: `(connection, fixed) -> what it returns`."""
WITHOUT_CONNECTION = {database_answers: database_answers}
"""By function: those that open their own transaction."""


def rows_of(connection):
    return connection.execute(account_columns().order_by(AccountRow.account_id)).all()


class Fixed:
    """Rows that the reads find; nobody writes them."""

    def __init__(self, make):
        self.rows = [make.account(f"ACC-{n}") for n in range(ACCOUNTS)]
        for n in range(ACCOUNTS):
            account = f"ACC-{n}"
            make.score(account)
            make.signal(account)
            make.bookings(account, [3, 0, 2])
            make.alert(f"alert-{n}", account)
            make.run(f"run-{n}", account, alert_id=f"alert-{n}")
            make.run_act(f"run-{n}", "complete_task", task_id="call")
            make.evidence(account, "complaint", f"/t/{n}", {"phase": "opened"})
            make.evidence(account, "contact_change", f"p{n}", {"change": "joined"})
            make.event(account, f"note-{n}", EventType.BOOKING, b'{"booking_ref": "B"}')
            make.change(n + 1, "alert", account)
        make.feed("/tms/hph-1", EventType.BOOKING, range(490_000, 490_050, 10))
        self.letter = make.dead_letter()
