"""Known-bad builds, each with one rule missing: a simulation that cannot fail proves nothing."""

from services.ingest.batch import FencedError, Outcome, Written
from shared.kafka.positions import Place, Positions
from shared.kafka.watch import Watch
from tests.simulation.database import Database
from tests.simulation.world import Build


class BlindDatabase(Database):
    """Moves offsets without looking where they stand."""

    def compared(self, part):
        return super().compared(part)._replace(moved=True)


class HastyDatabase(Database):
    """Commits the offsets first, and the facts a little later."""

    def apply(self, batch, process):
        moves = [self.compared(part) for part in sorted(batch.slices)]
        if all(move.moved for move in moves):
            self.move(batch.slices)
            self.world.loop.call_later(0.05, self.keep, batch, context=process.context)
            return Written([Outcome.APPLIED] * len(batch.facts))
        raise FencedError([(move.topic, move.partition) for move in moves])


class Trusting(Positions):
    """Has no gap check."""

    def _is_distrusted(self, place, start, first):
        return False


class Resentful(Positions):
    """Never forgets a gap that it distrusted."""

    def __init__(self):
        super().__init__()
        self._known = set()

    def _is_distrusted(self, place, start, first):
        gap = (place, start, first)
        news = gap not in self._known
        self._known.add(gap)
        return news


class Timeless(Positions):
    """Believes an answer whatever came between."""

    def found(self, search, stands, begins):
        return super().found(search._replace(epoch=self.epoch), stands, begins)


class Incurious(Positions):
    """Does not compare the record before the next one."""

    def _verify(self, place, offset, digest_at):
        self._unverified.pop(place, None)


class Deaf(Watch):
    """Does not look at the logs' ends."""

    def measured(self, asked, ends, now):
        return []


class Inattentive(Watch):
    """Does not look where the database stands while it has nothing to write."""

    def observed(self, stands):
        return []


class Greedy(Positions):
    """Takes whatever the client hands out, located or not, from where it begins."""

    def handed(self, place, first, last, digest_at):
        self._next.setdefault(place, first)
        return super().handed(Place(*place), first, last, digest_at)


CONTROLS = {
    "no compare-and-set": Build(database=BlindDatabase),
    "commit before write": Build(database=HastyDatabase),
    "no gap check": Build(positions=Trusting),
    "a distrust is not forgotten": Build(positions=Resentful),
    "no epoch check": Build(positions=Timeless),
    "no comparison with the record before": Build(positions=Incurious),
    "no look at the logs' ends": Build(watch=Deaf),
    "no look at the database at rest": Build(watch=Inattentive),
    "records of partitions not located are taken": Build(positions=Greedy),
}
