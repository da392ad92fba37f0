"""Scoring gives way to intake: small chunks and rests while facts come, none once they stop."""

import pytest

from services.signals.worker.pace import CHUNK, LONGEST_REST_SECONDS, SMALL_CHUNK, Pace


class Clock:
    def __init__(self):
        self.seconds = 100.0

    def monotonic(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(clock):
    return Pace(clock)


def a_chunk(pace, clock, *, seconds, accounts=None):
    limit = pace.chunk()
    clock.seconds += seconds
    pace.done(limit if accounts is None else accounts)


def test_without_new_facts_chunks_are_large_and_follow_each_other(pace, clock):
    assert pace.chunk() == CHUNK
    a_chunk(pace, clock, seconds=0.3)
    assert not pace.resting()


def test_while_facts_come_a_small_chunk_is_followed_by_twice_its_time_of_rest(pace, clock):
    pace.facts_came()
    assert pace.chunk() == SMALL_CHUNK
    a_chunk(pace, clock, seconds=0.1)
    assert pace.resting()
    clock.seconds += 0.19
    assert pace.resting()
    clock.seconds += 0.02
    assert not pace.resting()


def test_few_accounts_need_no_rest(pace, clock):
    pace.facts_came()
    a_chunk(pace, clock, seconds=0.1, accounts=SMALL_CHUNK - 1)
    assert not pace.resting()


def test_facts_that_came_a_while_ago_slow_nothing(pace, clock):
    pace.facts_came()
    clock.seconds += 1.0
    assert pace.chunk() == CHUNK
    a_chunk(pace, clock, seconds=0.1)
    assert not pace.resting()


def test_no_rest_is_long(pace, clock):
    pace.facts_came()
    limit = pace.chunk()
    clock.seconds += 20.0
    pace.facts_came()
    pace.done(limit)
    clock.seconds += LONGEST_REST_SECONDS
    assert not pace.resting()
