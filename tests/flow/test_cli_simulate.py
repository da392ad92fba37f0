"""`leadline simulate`: equal seeds are equal bytes."""

import gzip
import hashlib


def test_a_simulation_is_the_same_bytes_packed_or_not(cli):
    args = ["simulate", "--accounts", 5, "--months", 2, "--seed", 3]
    assert cli(*args, "--to", "a.jsonl").code == 0
    assert cli(*args, "--to", "b.jsonl.gz", "--truth", "truth").code == 0
    plain = (cli.folder / "a.jsonl").read_bytes()
    assert gzip.decompress((cli.folder / "b.jsonl.gz").read_bytes()) == plain
    assert cli(*args).out.encode() == plain
    assert len((cli.folder / "truth").read_text().splitlines()) == 5


def test_equal_seeds_are_equal_between_processes(cli):
    outs = {
        hashlib.sha256(cli("simulate", "--accounts", 3, "--months", 1).out.encode()).digest()
        for _ in range(2)
    }
    assert len(outs) == 1


def test_a_simulation_may_end_on_any_day(cli):
    ran = cli("simulate", "--accounts", "2", "--months", "2", "--until", "2024-03-01")
    assert '"time":"2024-02' in ran.out
    assert '"time":"2024-03' not in ran.out
    assert cli("simulate", "--until", "soon").code == 2
