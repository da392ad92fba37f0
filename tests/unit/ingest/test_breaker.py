from services.ingest.breaker import MAX_IN_A_ROW, WINDOW, Breaker


def feed(breaker, outcomes):
    return [breaker.observe(bad=bad, key=key) for bad, key in outcomes]


def test_good_records_never_stop_intake():
    assert not any(feed(Breaker(), [(False, b"a")] * (2 * WINDOW)))


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


def test_a_tenth_exactly_is_allowed():
    assert not any(feed(Breaker(), [(n % 10 == 0, b"a") for n in range(2 * WINDOW)]))
