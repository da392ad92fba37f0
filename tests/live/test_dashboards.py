"""Every panel's query, asked of a real Prometheus that scrapes a running Leadline, has data."""

import json
import math
import re
import threading
import time

import pytest
import yaml

from deploy.grafana.build import dashboards
from tests.support.absence import had
from tests.support.deployment import Deployment
from tests.support.events import cloud_event, produce
from tests.support.grafana import expressions, panels
from tests.support.process import ROOT
from tests.support.prometheus import Prometheus, promtool
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.prometheus]

CONFIG = ROOT / "deploy" / "prometheus" / "prometheus.yml"
PANELS = {
    f"{board['title']}: {panel['title']}": panel
    for board in map(json.loads, dashboards().values())
    for panel in panels(board)
}
# These show the look at the scores once a day, of months whose windows have closed.
OF_CLOSED_MONTHS = {
    "Market volume",
    "Silence, expected and seen",
    "Population stability",
    "Calibration and ranking on closed windows",
    "Lost accounts that were caught",
    "Months from warning to loss",
    "Accounts saved after an alert",
}
# A minute of scraping replaces the hour that some panels look back on.
QUICK = {"$__rate_interval": "30s", "$__interval": "2s", "$kam": ".*", "$tier": ".*"}


@pytest.fixture(scope="module")
def running(_kafka_module, _postgres_session, request):
    """The product with accounts that faded at different times, still receiving events."""
    kafka, postgres = had(request, _kafka_module), had(request, _postgres_session)
    deployment = Deployment(kafka.bootstrap, postgres)
    stop = threading.Event()
    feeder = threading.Thread(target=feed, args=(kafka.bootstrap, stop))
    try:
        deployment.up()
        produce(kafka.bootstrap, portfolio())
        feeder.start()
        yield deployment
    finally:
        stop.set()
        if feeder.is_alive():
            feeder.join()
        deployment.down()


def portfolio():
    """Accounts that booked weekly until up to thirteen weeks ago; some complain."""
    for number in range(14):
        account = f"ACC-{number}"
        master = {
            "name": f"Account {number}",
            "kam": {"id": f"K{number % 3}", "name": "Kim"},
            "tier": "A" if number % 2 else "B",
            "currency": "USD",
            "annual_margin": {"amount": str(10_000 * (number + 1)), "currency": "USD"},
        }
        yield cloud_event("account", account, master, age_hours=24 * 500)
        for week in range(number, 66):
            booking = {"booking_ref": f"B{number}-{week}", "phase": "confirmed", "mode": "sea",
                       "service": "FCL", "origin": "VNHPH", "destination": "DEHAM",
                       "teu": 2}  # fmt: skip
            yield cloud_event("booking", account, booking, age_hours=24 * 7 * week + 2)


def complaint(number):
    """Return a severe complaint of just now: it opens an alert at once."""
    data = {"ticket_ref": f"T{number}", "phase": "opened", "kind": "complaint", "severity": 1,
            "category": "damage", "cause": "us"}  # fmt: skip
    return cloud_event("complaint", f"ACC-{number % 14}", data, age_hours=0.0)


def feed(bootstrap, stop):
    """Send a good and a bad event again and again: rates need something to count."""
    number = 0
    while not stop.wait(1):
        number += 1
        produce(bootstrap, [complaint(number), ("leadline.booking.v1", "ACC-1", b"not an event")])


@pytest.fixture(scope="module")
def prometheus(running):
    server = Prometheus(config_for(running))
    try:
        yield server.start()
    finally:
        server.close()


def config_for(deployment):
    """Return the shipped configuration with this run's addresses, token and haste."""
    config = yaml.safe_load(CONFIG.read_text())
    config["global"] = {
        "scrape_interval": "1s",
        "scrape_timeout": "1s",
        "evaluation_interval": "2s",
    }
    config["rule_files"] = [str(CONFIG.parent / "rules" / "*.yml")]
    for job in config["scrape_configs"]:
        if "scrape_interval" in job:
            job |= {"scrape_interval": "2s", "scrape_timeout": "2s"}
        if "authorization" in job:
            job["authorization"]["credentials_file"] = str(deployment.keys / "prometheus")
        (target,) = job["static_configs"][0]["targets"]
        name = re.match(r"\w+", target).group()
        job["static_configs"][0]["targets"] = [f"127.0.0.1:{deployment.ports[name]}"]
    return yaml.safe_dump(config)


def test_every_target_answers_with_well_formed_metrics(prometheus, running):
    def all_up():
        states = [target["health"] for target in prometheus.targets()]
        return len(states) == 4 and set(states) == {"up"}

    eventually(all_up, what="every target up")


@pytest.mark.timeout(300)
def test_every_panel_of_every_dashboard_has_data(prometheus, running):
    queries = {
        f"{name} [{index}]": expression
        for name, panel in PANELS.items()
        if panel["title"] not in OF_CLOSED_MONTHS
        for index, expression in enumerate(expressions(panel, QUICK))
    }
    empty = dict(queries)
    deadline = time.perf_counter() + 90
    while empty and time.perf_counter() < deadline:
        empty = {name: query for name, query in empty.items() if not has_data(prometheus, query)}
        time.sleep(2)
    assert sorted(empty) == [], running.log("signals")


def has_data(prometheus, expression):
    """Tell whether a panel would draw anything: one number that is a number."""
    end = time.clock_gettime(time.CLOCK_REALTIME)
    series = prometheus.query_range(expression, start=end - 60, end=end, step_s=2)
    return any(not math.isnan(float(v)) for each in series for _, v in each["values"])


def test_the_metrics_pass_prometheus_own_linter(running):
    with running.client("service") as api:
        for path in ("/metrics", "/metrics/accounts"):
            text = api.get(path).raise_for_status().text
            promtool("check", "metrics", stdin=text)
