"""`leadline demo`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import typer

from services.cli.common import print_json, settings_of
from services.cli.playing.client import ApiClient
from services.cli.playing.input import from_file, simulated
from services.cli.playing.outcome import WORKING, figures, judged, refused_lines
from services.cli.playing.prepare import demo_running
from services.cli.playing.session import Demo, Options
from services.cli.playing.stages import Stages
from services.cli.product import Product
from services.cli.simulator import STORIES
from shared.runtime.clock import WallClock
from shared.runtime.lifecycle import stop_on_signals


def run_demo(
    *,
    shipments: Path | None,
    mapping: str | None,
    data: Path | None,
    speed: float | None,
    check: bool,
) -> None:
    """Play, then serve or check."""
    settings = settings_of()
    began = WallClock().monotonic()
    stages = Stages()
    if shipments is not None and mapping is not None:
        given = from_file(shipments, mapping, settings.mappings)
    else:
        given = simulated()
    if given.synthetic:
        stages.note("Synthetic data: a made-up forwarder, its customers and their stories.")
    stop = stop_on_signals()
    options = Options(data, speed, check)
    with demo_running(given, settings, options, stages, stop) as running:
        serve = _Check(began, stages) if check else _Show(stages, stop)
        code = running.run(options, serve)
    if code:
        raise typer.Exit(code)


class _Check:
    """Verifies, and prints the report."""

    def __init__(self, began: float, stages: Stages) -> None:
        self._began = began
        self._stages = stages

    def __call__(self, demo: Demo, product: Product, token: str) -> int:
        client = ApiClient(product.url, token)
        stories = demo.given.title == "a synthetic forwarder"
        verdict = judged(
            demo.given, demo.database, client, demo.heard, fresh=demo.fresh, stories=stories
        )
        seconds = round(WallClock().monotonic() - self._began, 1)
        report = figures(demo.database, client)
        names = (
            "events", "accounts", "bookings", "late_deliveries", "complaints", "alerts", "runs",
            "lost_accounts", "rejected",
        )  # fmt: skip
        print_json(
            {
                **{name: report[name] for name in names},
                "seconds": seconds,
                "checks": dict(verdict.checks),
            }
        )
        for line in refused_lines(demo.database):
            self._stages.note(line)
        for fault in verdict.faults:
            self._stages.note(f"leadline: {fault}")
        return 0 if verdict.ok else 1


class _Show:
    """Prints the url and the stories, then serves until Ctrl-C."""

    def __init__(self, stages: Stages, stop: threading.Event) -> None:
        self._stages = stages
        self._stop = stop

    def __call__(self, demo: Demo, product: Product, token: str) -> int:
        given, url = demo.given, product.url
        self._stages.done(
            "history",
            f"{given.accounts} accounts · {given.months} months · {len(given.events)} events",
        )
        client = ApiClient(url, token)
        alerts = [a for a in client.items("/v1/alerts") if a["state"] in WORKING]
        runs = sum(1 for _ in client.items("/v1/playbook-runs"))
        self._stages.done(
            "signals",
            f"{len({a['account_id'] for a in alerts})} accounts need attention · "
            f"{len(alerts)} alerts open · {runs} playbook runs",
        )
        for line in refused_lines(demo.database):
            self._stages.note(line)
        if given.synthetic:
            for line in story_lines():
                self._stages.note(line)
        print(f"Open {url}/?token={token}", flush=True)
        self._stages.note(f"API {url}/docs   metrics {url}/metrics   Ctrl-C stops")
        product.wait(self._stop)
        return 0


def story_lines() -> Sequence[str]:
    """Return the table of stories as lines."""
    lines = ["  Stories to follow:"]
    for story in STORIES:
        name = story.accounts[0]
        if len(story.accounts) > 1:
            name += f" and {len(story.accounts) - 1} others"
        mark = "alerts" if story.outcome == "alert" else "silent"
        lines.append(f"    {mark}  {name}: {story.text}")
    return lines
