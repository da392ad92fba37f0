from services.signals.features.contacts import fold_contacts
from services.signals.features.facts import DAY_MICROS
from tests.support.facts import facts_of, told

DAY = 20_000


def people(*changes):
    evidence = [told(0, "contact_change", ref, day, **data) for ref, day, data in changes]
    return {one.ref: one for one in fold_contacts(facts_of(["A"], [], evidence=evidence), DAY)[0]}


JOINED = ("p1", DAY - 300, {"change": "joined", "influence": "sponsor", "function": "executive"})
LEFT = ("p1", DAY - 30, {"change": "left"})


def test_a_sponsor_who_left_is_gone_and_keeps_the_influence():
    one = people(JOINED, LEFT)["p1"]
    assert not one.is_active
    assert one.is_patron
    assert one.left == one.gone == (DAY - 30) * DAY_MICROS
    assert one.successor is None


def test_a_successor_may_be_named_by_the_one_who_left():
    named = ("p1", DAY - 30, {"change": "left", "successor_ref": "p2"})
    assert people(JOINED, named)["p1"].successor == (DAY - 30) * DAY_MICROS


def test_who_takes_over_the_part_later_is_the_successor():
    newcomer = ("p2", DAY - 10, {"change": "joined", "influence": "sponsor"})
    assert people(JOINED, LEFT, newcomer)["p1"].successor == (DAY - 10) * DAY_MICROS
    stranger = ("p2", DAY - 10, {"change": "joined", "influence": "operates"})
    assert people(JOINED, LEFT, stranger)["p1"].successor is None


def test_erasure_does_not_undo_that_somebody_left():
    erased = ("p1", DAY - 5, {"change": "erased"})
    one = people(JOINED, LEFT, erased)["p1"]
    assert one.left == (DAY - 30) * DAY_MICROS
    assert not one.is_active


def test_who_comes_back_is_there_again():
    back = ("p1", DAY - 5, {"change": "joined"})
    one = people(JOINED, LEFT, back)["p1"]
    assert one.is_active
    assert one.left is None
