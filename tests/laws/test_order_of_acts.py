"""Of what people did at one moment of the event clock the last counts, in signals as in the api."""

from datetime import timedelta

from services.signals.store.alerts import read_actions
from shared.store.base import to_micros
from shared.store.tables import AlertActionRow
from tests.support.factories import NOW, Factory


def test_of_two_snoozes_at_one_moment_the_later_act_is_last(database):
    make = Factory(database)
    make.account("ACC-1")
    make.alert("a1", "ACC-1")
    first, second = (NOW + timedelta(days=days) for days in (30, 10))
    act = {"alert_id": "a1", "kind": "snooze", "actor": "kam-a", "at": NOW}
    make.add(AlertActionRow, id=2, until=second, **act)  # as it lies in the table says nothing
    make.add(AlertActionRow, id=1, until=first, **act)

    with database.read() as connection:
        ((*_, last),) = read_actions(connection).values()

    assert last.until == to_micros(second)
