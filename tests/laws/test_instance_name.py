"""A name is held by one process at a time, for as long as its connection lives."""

import psycopg
import pytest

from services.ingest.store.instance_name import InstanceName
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres


@pytest.fixture
def claim(postgres_url):
    """Make claims, each as a process would."""
    made = []

    def make(name, group="g"):
        made.append(InstanceName(postgres_url, group, name))
        return made[-1]

    yield make
    for each in made:
        each.release()


def test_the_second_holder_of_a_name_is_told_until_the_first_lets_go(claim):
    first, second = claim("pod-0"), claim("pod-0")

    assert first.hold()
    assert first.hold()
    assert not second.hold()
    first.release()
    eventually(second.hold, what="the name")
    assert not first.hold()


def test_other_names_and_other_groups_are_free(claim):
    held = [claim("pod-0"), claim("pod-1"), claim("pod-0", group="other")]

    assert all(each.hold() for each in held)


def test_a_lost_connection_loses_the_name_and_the_next_look_takes_it_again(claim, postgres_url):
    first, second = claim("pod-0"), claim("pod-0")
    assert first.hold()

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [first._connection.info.backend_pid])

    with pytest.raises(psycopg.Error):
        eventually(lambda: not first.hold(), what="the loss")
    eventually(first.hold, what="the name")
    assert not second.hold()
