from services.ingest.breaker import MAX_IN_A_ROW, WINDOW, Breaker, Breakers


def feed(breaker, outcomes):
    return [breaker.failed(key) if bad else breaker.passed() for bad, key in outcomes]


def test_good_records_never_stop_intake():
    assert not any(feed(Breaker(), [(False, b"a")] * (2 * WINDOW)))


def test_good_records_count_together_as_one_by_one():
    breaker = Breaker()
    breaker.passed(WINDOW - 1)
    feed(breaker, [(True, b"a")] * 1000)
    breaker.passed(0)

    assert breaker.failed(b"a") == "1001 dead letters among the last 10000 records"
    breaker.passed(WINDOW - 1)
    assert breaker.failed(b"a") is None, "all but the last have left the window"


def test_a_row_of_bad_records_from_two_keys_stops_intake():
    verdicts = feed(Breaker(), [(True, b"a" if n % 2 else b"b") for n in range(MAX_IN_A_ROW)])

    assert not any(verdicts[:-1])
    assert verdicts[-1] == "100 dead letters in a row"


def test_one_broken_account_alone_does_not_stop_the_others():
    assert not any(feed(Breaker(), [(True, b"a")] * (2 * MAX_IN_A_ROW)))


def test_a_good_record_ends_the_row():
    row = [(True, b"a" if n % 2 else b"b") for n in range(MAX_IN_A_ROW - 1)]

    assert not any(feed(Breaker(), [*row, (False, b"c"), *row]))


def test_more_than_a_tenth_of_a_full_window_stops_intake():
    outcomes = [(n % 9 == 0, b"a") for n in range(WINDOW)]

    verdicts = feed(Breaker(), outcomes)

    assert not any(verdicts[:-1]), "the window has to be full first"
    assert "among the last 10000" in verdicts[-1]


def test_a_full_window_counts_exactly_the_bad_ones_in_it():
    breaker = Breaker()
    feed(breaker, [(False, b"a")] * (2 * WINDOW))

    verdicts = feed(breaker, [(True, b"a")] * (WINDOW // 10 + 1))

    assert not any(verdicts[:-1])
    assert verdicts[-1] == "1001 dead letters among the last 10000 records"


def test_a_tenth_exactly_is_allowed():
    assert not any(feed(Breaker(), [(n % 10 == 0, b"a") for n in range(2 * WINDOW)]))


def test_a_bad_record_that_leaves_the_window_counts_no_more():
    breaker = Breaker()
    feed(breaker, [(n < WINDOW // 20, b"a") for n in range(WINDOW)])

    assert not any(feed(breaker, [(n % 20 == 0, b"a") for n in range(WINDOW)]))


TOPIC, OTHER = "leadline.booking.v1", "leadline.touchpoint.v1"


def test_a_topic_has_one_count_and_with_breakers_off_none():
    breakers = Breakers(on=True)

    assert breakers.of(TOPIC) is breakers.of(TOPIC)
    assert breakers.of(TOPIC) is not breakers.of(OTHER)
    assert Breakers(on=False).of(TOPIC) is None


def test_a_breaker_that_trips_is_open_at_once_but_not_yet_known_to_the_database():
    breakers = Breakers(on=True)

    breakers.trip(TOPIC, "why")

    assert breakers.open == {TOPIC: "why"}
    assert breakers.known() == frozenset()
    assert breakers.refreshed(breakers.known(), {}) == [], "nobody can have closed it"
    assert breakers.open == {TOPIC: "why"}


def test_an_operator_closes_what_is_stored_and_counting_begins_anew():
    breakers = Breakers(on=True)
    before = breakers.of(TOPIC)
    breakers.trip(TOPIC, "why")
    breakers.stored({TOPIC: "why"})
    breakers.stored({OTHER: "why not"})

    assert breakers.known() == {TOPIC, OTHER}
    assert breakers.refreshed(breakers.known(), {OTHER: "why not"}) == [TOPIC]
    assert breakers.open == {OTHER: "why not"}
    assert breakers.known() == {OTHER}
    assert breakers.of(TOPIC) is not before


def test_a_topic_that_is_resumed_twice_was_resumed():
    assert Breakers(on=True).refreshed([TOPIC], {}) == [TOPIC]


def test_topics_that_were_resumed_are_named_in_order():
    breakers = Breakers(on=True)
    breakers.stored({OTHER: "b", TOPIC: "a"})

    assert breakers.refreshed([OTHER, TOPIC], {}) == [TOPIC, OTHER]


def test_a_fenced_portion_takes_its_trip_and_its_counts_with_it():
    breakers = Breakers(on=True)
    before = breakers.of(TOPIC)
    breakers.trip(TOPIC, "why")

    breakers.lost(TOPIC)

    assert breakers.open == {}
    assert breakers.of(TOPIC) is not before


def test_a_trip_that_is_stored_outlives_a_fenced_portion():
    breakers = Breakers(on=True)
    breakers.stored({TOPIC: "why"})

    breakers.lost(TOPIC)
    breakers.lost(OTHER)

    assert breakers.open == {TOPIC: "why"}


def test_a_trip_is_open_once_its_batch_is_stored_whatever_was_fenced_meanwhile():
    breakers = Breakers(on=True)
    breakers.trip(TOPIC, "why")
    breakers.lost(TOPIC)

    breakers.stored({TOPIC: "why"})

    assert breakers.open == {TOPIC: "why"}


def test_what_another_process_stored_stops_this_one_unless_breakers_are_off():
    breakers, off = Breakers(on=True), Breakers(on=False)

    for each in (breakers, off):
        each.loaded({TOPIC: "why"})

    assert (breakers.open, breakers.known()) == ({TOPIC: "why"}, {TOPIC})
    assert (off.open, off.known()) == ({}, frozenset())
