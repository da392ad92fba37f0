"""Prometheus' configuration and rules, checked by its own tool."""

import re

import promql_parser
import pytest
import yaml

from tests.support.grafana import METRICS
from tests.support.process import ROOT
from tests.support.prometheus import promtool

FOLDER = ROOT / "deploy" / "prometheus"
RULES = yaml.safe_load((FOLDER / "rules" / "pipeline.yml").read_text())["groups"][0]["rules"]
TESTS = yaml.safe_load((FOLDER / "tests" / "pipeline_test.yml").read_text())["tests"]


@pytest.mark.prometheus
def test_promtool_accepts_the_configuration(tmp_path):
    # The token's file exists only where the product runs.
    text = (FOLDER / "prometheus.yml").read_text()
    (tmp_path / "token").write_text("t")
    (tmp_path / "rules").symlink_to(FOLDER / "rules")
    (tmp_path / "prometheus.yml").write_text(text.replace("/keys/prometheus", "token"))
    assert "SUCCESS" in promtool("check", "config", tmp_path / "prometheus.yml")


def test_every_service_is_asked_with_the_token_that_it_demands():
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    given = {
        job["job_name"]: job["authorization"]["credentials_file"]
        for job in config["scrape_configs"]
    }
    assert {"leadline-ingest", "leadline-signals", "leadline-api"} < set(given)
    assert set(given.values()) == {"/keys/prometheus"}


@pytest.mark.prometheus
def test_promtool_accepts_the_rules():
    assert "SUCCESS" in promtool("check", "rules", FOLDER / "rules" / "pipeline.yml")


@pytest.mark.prometheus
def test_the_rules_fire_on_their_faults_and_only_then():
    assert "SUCCESS" in promtool("test", "rules", FOLDER / "tests" / "pipeline_test.yml")


def test_every_rule_is_seen_firing_and_seen_silent():
    fired, silent = set(), set()
    for check in (check for test in TESTS for check in test["alert_rule_test"]):
        (fired if check["exp_alerts"] else silent).add(check["alertname"])
    names = {rule["alert"] for rule in RULES}
    assert fired == names
    assert silent == names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_what_to_do_and_asks_for_metrics_that_exist(rule):
    promql_parser.parse(rule["expr"])
    asked = set(re.findall(r"leadline_\w+", rule["expr"]))
    known = METRICS | {f"{name}_total" for name in METRICS}
    assert asked <= known
    assert rule["labels"]["severity"] in {"critical", "warning"}
    runbook = ROOT / rule["annotations"]["runbook"]
    assert rule["alert"] in runbook.read_text()
