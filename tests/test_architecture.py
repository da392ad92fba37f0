"""The shape of the code: who may import whom, small files, nothing of anyone's machine."""

import ast
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 300
LONGEST_FUNCTION = 60

# One letter of each is in brackets, so that this file does not break its own rule.
FORBIDDEN = {
    "an absolute path of some machine": re.compile(r"(?<![\w/.])/(?:[w]ork|[h]ome|[r]oot)/[a-z]"),
    "the address of a package registry": re.compile(
        r"[p]ypi\.(?:org|python)|[p]ythonhosted|registry\.[n]pmjs|repo1?\.[m]aven|deb\.[d]ebian"
        r"|proxy\.[g]olang|crates\.[i]o\b"
    ),
    "a private key": re.compile(r"BEGIN [A-Z ]*[P]RIVATE KEY"),
    "an unfinished thought": re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b"),
    "a merge conflict": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
# Texts that others wrote.
FOREIGN = {"LICENSE"}


def tracked():
    """Return the tracked files that exist (none when this is no Git clone)."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return [
            p.relative_to(ROOT)
            for top in ("shared", "services", "tests", "deploy")
            for p in (ROOT / top).rglob("*")
            if p.is_file() and "__pycache__" not in p.parts
        ]
    return [Path(name) for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


TRACKED = tracked()
SOURCES = [path for path in TRACKED if path.suffix == ".py"]
# A migration is frozen: it is written once, by a tool, and never read for its style.
PRODUCT = [
    path
    for path in SOURCES
    if path.parts[0] in {"shared", "services", "deploy"} and "versions" not in path.parts
]


def text_of(path):
    """Return a file's text, or an empty one for binary data."""
    data = (ROOT / path).read_bytes()
    return "" if b"\0" in data[:4096] else data.decode("utf-8", errors="replace")


def test_the_contracts_between_packages_hold():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_are_short_enough_to_read_at_one_go():
    long = {str(p): n for p in PRODUCT if (n := len(text_of(p).splitlines())) > LONGEST_FILE}
    assert not long


def test_functions_are_short():
    long = {}
    for path in PRODUCT:
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long[f"{path}:{node.name}"] = length
    assert not long


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_has(what):
    found = []
    for path in TRACKED:
        if path.name in FOREIGN:
            continue
        found += [f"{path}: {match.group()}" for match in FORBIDDEN[what].finditer(text_of(path))]
    assert not found


def test_nothing_big_or_private_is_tracked():
    for path in TRACKED:
        assert (ROOT / path).stat().st_size < 2_000_000, path
        assert path.name not in {".env", "leadline.db"}, path


def test_only_the_clock_reads_time():
    readers = [
        str(path)
        for path in PRODUCT
        if path.parts[0] != "deploy"
        and re.search(r"datetime\.(?:now|utcnow)\(|\btime\.time(?:_ns)?\(", text_of(path))
    ]
    assert readers in ([], ["shared/runtime/clock.py"])


def test_the_pure_core_has_no_asynchronous_function():
    pure = ("shared/domain", "shared/contracts", "services/signals/features",
            "services/signals/hazard", "services/signals/scoring", "services/signals/alerting",
            "services/signals/playbooks")  # fmt: skip
    found = [
        str(path)
        for path in PRODUCT
        if str(path).startswith(pure)
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await)
    ]
    assert not found


def test_every_table_names_its_writer():
    for path in PRODUCT:
        if path.parent != Path("shared/store/tables"):
            continue
        for node in ast.parse(text_of(path)).body:
            if isinstance(node, ast.ClassDef):
                assert "Written by" in ast.get_docstring(node), f"{path}: {node.name}"


def test_unit_tests_lie_where_their_source_lies():
    orphans = []
    for path in SOURCES:
        if path.parts[:2] != ("tests", "unit") or not path.name.startswith("test_"):
            continue
        folder = Path(*path.parts[2:-1])
        homes = (ROOT / "services" / folder, ROOT / "shared" / folder, ROOT / folder)
        if not any(home.is_dir() for home in homes):
            orphans.append(str(path))
    assert not orphans


def test_tests_are_no_package():
    assert not [path for path in TRACKED if path.parts[0] == "tests" and path.name == "__init__.py"]


def test_the_migrations_are_one_line_of_numbered_revisions():
    versions = sorted((ROOT / "shared/store/migrations/versions").glob("r*.py"))
    previous = None
    for number, path in enumerate(versions, start=1):
        spec = spec_from_file_location(path.stem, path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        assert path.name.startswith(f"r{number:04d}_")
        assert module.down_revision == previous
        assert module.revision >= module.MIN_CODE_REVISION
        previous = module.revision
