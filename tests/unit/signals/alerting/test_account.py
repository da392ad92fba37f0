from services.signals.alerting.account import AccountViews, Person
from tests.support.facts import facts_of, told

EVENTS = [
    told(0, "account", "", 10, name="A", kam={"id": "k1", "name": "Linh"}, tier=1),
    told(0, "account", "", 20, kam={"id": "k2"}, hold_reason="credit", status="on_hold"),
    told(0, "account", "", 30, kam=None, manager="boss"),
]
VIEWS = AccountViews(facts_of(["A", "B"], [], evidence=EVENTS), "desk")


def test_absent_fields_stay_and_null_clears():
    view = VIEWS.as_of(0, 31)
    assert (view.name, view.tier, view.status) == ("A", "1", "on_hold")
    assert view.kam is None
    assert view.manager == Person("boss")
    assert view.owner == Person("desk")


def test_a_view_knows_only_what_came_before():
    assert VIEWS.as_of(0, 20).owner == Person("k1", "Linh")
    assert VIEWS.as_of(0, 21).owner == Person("k2")
    assert VIEWS.as_of(0, 10).name is None


def test_an_account_without_master_data_belongs_to_the_default_owner():
    assert VIEWS.as_of(1, 99).owner == Person("desk")
    assert VIEWS.as_of(0, 15).is_top_tier
