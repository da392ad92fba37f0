import random

from services.ingest.store.memory import CAPACITY, DOUBTED_BATCHES, SMALL, Memory


def keys(count, seed):
    rng = random.Random(seed)
    return [rng.getrandbits(64) - 2**63 for _ in range(count)]


def test_a_key_that_was_added_is_never_taken_for_unknown():
    memory = Memory()
    added = keys(20_000, seed=1)

    memory.add(added)

    assert memory.maybe(added) == list(range(20_000))


def test_few_other_keys_seem_known():
    memory = Memory()
    memory.add(keys(200_000, seed=1))

    assert len(memory.maybe(keys(20_000, seed=2))) < 20


def test_an_empty_memory_knows_nothing():
    assert Memory().maybe([1, 2, 3]) == []


def test_what_was_added_last_is_known_after_the_filters_changed_turns(monkeypatch):
    monkeypatch.setattr("services.ingest.store.memory.CAPACITY", 1_000)
    memory = Memory()
    early, late = keys(1_001, seed=1), keys(500, seed=2)
    memory.add(early)
    memory.add(late)

    assert memory.maybe([*early, *late]) == list(range(1_501))
    assert CAPACITY > 1_000


def test_a_refusal_is_doubted_for_some_batches_and_a_small_batch_always():
    memory = Memory()
    assert memory.trusts(SMALL)
    assert not memory.trusts(SMALL - 1)

    memory.refused()

    assert [memory.trusts(SMALL) for _ in range(DOUBTED_BATCHES + 1)] == (
        [False] * DOUBTED_BATCHES + [True]
    )
