"""The dashboards: generated as committed, every panel explained, every query well-formed."""

import json
from importlib.metadata import version

import promql_parser
import pytest
import yaml

from deploy.grafana.build import FOLDER, dashboards
from tests.support.grafana import CONTRACT_PANELS, METRICS, expressions, panels
from tests.support.process import ROOT

BUILT = {name: json.loads(text) for name, text in dashboards().items()}
PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, board in BUILT.items()
    for panel in panels(board)
]


@pytest.mark.parametrize("name", BUILT)
def test_the_committed_file_is_what_the_code_generates(name):
    assert (FOLDER / name).read_text() == dashboards()[name], "run `make generate`"


def test_no_file_lies_there_that_no_code_generates():
    assert {path.name for path in FOLDER.iterdir()} == set(BUILT)


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_has_title_unit_description_and_the_chosen_data_source(panel):
    assert panel["title"]
    assert len(panel["description"]) > 20
    assert panel["fieldConfig"]["defaults"]["unit"]
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert {source["uid"] for source in sources} == {"${datasource}"}


@pytest.mark.parametrize("panel", PANELS)
def test_a_panels_queries_are_promql_over_metrics_that_exist(panel):
    for expression in expressions(panel):
        promql_parser.parse(expression)
        named = [word for word in METRICS if word in expression]
        assert named or "up{" in expression, expression


@pytest.mark.parametrize("board", BUILT.values(), ids=BUILT)
def test_ids_are_unique_and_panels_do_not_overlap(board):
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken = [cell for panel in board["panels"] for cell in cells(panel["gridPos"])]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def cells(position):
    across = range(position["x"], position["x"] + position["w"])
    down = range(position["y"], position["y"] + position["h"])
    return [(x, y) for x in across for y in down]


def test_account_health_shows_what_was_promised():
    titles = {panel["title"] for panel in panels(BUILT["account-health.json"])}
    assert titles >= CONTRACT_PANELS


def test_nobody_can_edit_what_the_next_deployment_overwrites():
    assert not any(board["editable"] for board in BUILT.values())
    provider = read("provisioning/dashboards/leadline.yaml")["providers"][0]
    assert provider["allowUiUpdates"] is False


def test_uids_are_fixed_so_that_links_survive():
    assert {board["uid"] for board in BUILT.values()} == {
        "leadline-account-health",
        "leadline-pipeline",
    }
    assert read("provisioning/datasources/prometheus.yaml")["datasources"][0]["uid"]


def test_the_generator_is_the_pinned_one():
    assert version("grafana-foundation-sdk").removeprefix("v") == "0.0.21"


def read(path):
    return yaml.safe_load((ROOT / "deploy" / "grafana" / path).read_text())
