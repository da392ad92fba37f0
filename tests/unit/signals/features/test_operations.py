from services.signals.features.operations import OperationRows
from tests.support.facts import SEA, booking_row, facts_of

DAY = 20_000
LANES = dict.fromkeys(range(3), SEA)


def rejected_day(*rows):
    return OperationRows(facts_of(["A"], rows, series=LANES)).as_of(DAY).rejected_day[0]


def refused(day, times, *, lane=0):
    return booking_row(0, day, series=lane, demand=0, business=0, rejected=times)


def test_two_rejected_bookings_within_thirty_days_are_a_burst_on_the_day_of_the_second():
    assert rejected_day(refused(DAY - 40, 1), refused(DAY - 11, 1)) == DAY - 11
    assert rejected_day(refused(DAY - 41, 1), refused(DAY - 11, 1)) == -1


def test_what_a_day_takes_back_counts_with_what_it_brings_in_whatever_order_its_rows_come():
    day = DAY - 7
    brought_first = [refused(day, 1, lane=0), refused(day, 1, lane=1), refused(day, -1, lane=2)]
    taken_first = [refused(day, -1, lane=0), refused(day, 1, lane=1), refused(day, 1, lane=2)]
    assert rejected_day(*brought_first) == rejected_day(*taken_first) == -1
