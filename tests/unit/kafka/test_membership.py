from shared.kafka.membership import STORM_REBALANCES, STORM_SECONDS, Membership


def rebalance(membership, *times):
    return [membership.rebalanced(now) for now in times]


def test_a_few_rebalances_are_ordinary():
    assert not any(rebalance(Membership(), *range(STORM_REBALANCES - 1)))


def test_six_within_a_minute_are_a_storm_which_is_told_once():
    membership = Membership()

    told = rebalance(membership, 0, 1, 2, 3, 4, 5, 6)

    assert told == [False] * 5 + [True, False]
    assert membership.is_storming(6)


def test_a_storm_is_over_when_its_first_rebalance_is_a_minute_old():
    membership = Membership()
    rebalance(membership, 10, 11, 12, 13, 14, 15)

    assert membership.is_storming(10 + STORM_SECONDS - 0.1)
    assert not membership.is_storming(10 + STORM_SECONDS)
