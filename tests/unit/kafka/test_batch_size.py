"""A batch is as large as can be written in a quarter of a second, within bounds."""

from shared.kafka.batch_size import BATCH_SECONDS, FEWEST, MOST, BatchSize


def after(*batches):
    size = BatchSize()
    for records, seconds in batches:
        size.written(records, seconds)
    return size.most


def test_before_anything_was_written_a_batch_may_be_as_large_as_any():
    assert after() == MOST


def test_where_writing_is_slow_batches_are_as_large_as_fit_the_time():
    assert after((5_000, 2 * BATCH_SECONDS)) == 2_500


def test_where_writing_is_quick_batches_do_not_grow_beyond_the_most():
    assert after((5_000, 0.01)) == MOST


def test_however_slow_the_database_a_batch_has_some_records():
    assert after((MOST, 60.0)) == FEWEST


def test_a_batch_of_few_records_says_nothing_of_what_one_takes():
    assert after((1, BATCH_SECONDS)) == MOST


def test_what_is_quick_again_grows_again():
    slow, quick = (5_000, 2 * BATCH_SECONDS), (5_000, BATCH_SECONDS / 2)
    assert after(slow) < after(slow, quick) < after(slow, *[quick] * 20) <= MOST
