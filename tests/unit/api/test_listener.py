import asyncio
from contextlib import aclosing
from itertools import count, repeat

from sqlalchemy.exc import OperationalError

from services.api.listener import HELD_BACK, Listener, beat
from services.api.stream import Frame, Heard

PAUSE, BEAT = 0.02, 0.1
ALWAYS, NEVER_TOLD = repeat(True), repeat(None)


class Hub:
    """Tells what it is given, as the real one does: something at least every `pause` seconds."""

    def __init__(self, told):
        self._told = told

    async def listen(self, last, pause):
        for heard in self._told:
            await asyncio.sleep(pause)
            yield heard


def change(number, kam="kam-a"):
    return Frame(number, kam, b"%d" % number)


async def sent(told, holds=ALWAYS, *, count=None):
    """Return the first lines that a KAM is sent, or all until the end.

    `holds` are the answers about its key in their order, None while the database is away.
    """
    answers = iter(holds)

    async def asked():
        if (answer := next(answers)) is None:
            raise OperationalError("SELECT", {}, OSError())
        return answer

    listener, lines = Listener(Hub(told), asked, "kam-a", pause=PAUSE, beat=BEAT), []
    async with asyncio.timeout(5), aclosing(listener.lines(0)) as following:
        async for line in following:
            lines.append(line)
            if len(lines) == count:
                break
    return lines


async def test_it_hears_of_its_own_accounts_only():
    assert await sent([Heard(3, [change(1), change(2, "kam-b"), change(3)])]) == [b"1", b"3"]


async def test_it_is_sent_beats_though_all_that_happens_is_anothers():
    foreign = (Heard(number, [change(number, "kam-b")]) for number in count(1))
    first, second = await sent(foreign, count=2)
    resumes = [int(line.split(b"id: ")[1]) for line in (first, second)]
    assert 0 < resumes[0] < resumes[1] <= 2 * BEAT / PAUSE


async def test_its_own_changes_stand_for_beats():
    own = (Heard(number, [change(number)]) for number in count(1))
    assert await sent(own, count=20) == [b"%d" % number for number in range(1, 21)]


async def test_a_beat_moves_the_id_and_is_no_event():
    (line,) = await sent(repeat(Heard(7)), count=1)
    assert line == beat(7)
    names = [one.partition(b": ")[0] for one in line.split(b"\n")]
    assert names == [b"", b"id", b"", b""]  # a comment, the id, the blank line; no data


async def test_nothing_is_sent_once_its_key_does_not_hold():
    assert await sent([Heard(3, [change(1), change(2), change(3)])], [True, False]) == [b"1"]


async def test_it_ends_with_its_key_though_there_is_nothing_to_send():
    assert set(await sent(repeat(Heard(0)), [True, True, False])) <= {beat(0)}


async def test_a_change_waits_until_the_database_can_tell_whether_the_key_holds():
    told = [Heard(1, [change(1)])]
    assert await sent(told, [None, None, True]) == [HELD_BACK, HELD_BACK, b"1"]


async def test_with_nothing_to_send_it_is_sent_beats_while_the_database_is_away():
    assert await sent(repeat(Heard(5)), NEVER_TOLD, count=2) == [beat(5)] * 2
