"""Every promise of the documentation names a test that exists."""

import ast
import re

from tests.chaos.registry import PROCEDURES
from tests.support.process import ROOT

PAGE = (ROOT / "deploy" / "docs" / "promises.md").read_text()
NAMED = re.findall(r"`(tests/\S+\.py)::(\w+)(?:\[([\w-]+)\])?`", PAGE)


def test_every_named_test_exists():
    for path, name, parameter in NAMED:
        tree = ast.parse((ROOT / path).read_text())
        functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
        assert name in functions, f"{path} has no {name}"
        assert parameter == "" or parameter in PROCEDURES, parameter


def test_every_row_names_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "::" not in line]
    assert rows == ["| | promise | test |"]
