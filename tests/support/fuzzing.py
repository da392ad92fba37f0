"""Schemathesis against a running api, by the document that this api itself serves."""

import json
import os
import re
import subprocess
import sys

import httpx

from tests.support.process import ROOT

CHECKS = "tests.support.fuzz_checks"
UNTOUCHED = ("/v1/stream",)
"""Never ends by itself; its tests are its own."""
AHEAD = "2027-01-01T00:00:00+07:00"
ENDING = {
    "POST /v1/alerts/{alert_id}/resolve": "path.alert_id",
    "POST /v1/playbook-runs/{run_id}/close": "path.run_id",
}
"""These get every second id only, so that something is left for the others to act on."""
SHARE = 0.6
"""How often an id is a real one; else it is made up."""
REPORT = "report.ndjson"


def fuzz(api, token, folder, *, examples, seed):
    """Return what Schemathesis said, after `examples` requests an operation as this caller."""
    document = httpx.get(f"{api.url}/openapi.json").raise_for_status().json()
    (folder / "openapi.json").write_text(json.dumps(closed(document)))
    (folder / "schemathesis.toml").write_text(config(known_ids(api)))
    return subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", folder / "schemathesis.toml",
         "run", folder / "openapi.json", "--url", api.url, "--header",
         f"Authorization: Bearer {token}", "--max-examples", str(examples), "--seed", str(seed),
         "--workers", "2", "--no-color", "--generation-database", "none",
         "--report-ndjson-path", REPORT,
         *(word for path in UNTOUCHED for word in ("--exclude-path", path))],
        cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": CHECKS},
    )  # fmt: skip


def closed(document):
    """Return the document with every named form closed: an answer may have no field more.

    For clients the forms stay open, since fields may be added; for us each must be documented.
    """
    for form in document["components"]["schemas"].values():
        if "properties" in form and "allOf" not in form:
            form.setdefault("additionalProperties", False)
    return document


def known_ids(api):
    """Return names that exist, by the parameter that they are for."""
    headers = {"Authorization": f"Bearer {api.token('admin')}"}
    with httpx.Client(base_url=f"{api.url}/v1", headers=headers) as client:

        def column(path, name):
            return [one[name] for one in client.get(path).raise_for_status().json()["items"]]

        runs = client.get("/playbook-runs").raise_for_status().json()["items"]
        by_hand = [run for run in runs if run["alert_id"] is None]
        accounts = column("/accounts", "account_id")
        playbooks = column("/playbooks", "playbook")
        return {
            "path.account_id": accounts,
            "path.alert_id": column("/alerts", "alert_id"),
            "path.run_id": column("/playbook-runs", "run_id"),
            "path.task_id": [task["task_id"] for task in by_hand[0]["tasks"][:2]],
            "path.dead_letter_id": column("/dead-letters", "dead_letter_id"),
            "query.account": accounts,
            "body.account_id": accounts,
            "body.playbook": playbooks,
            "body.until": [AHEAD],
            "header.If-Match": ["*"],
        }


def config(known):
    """Return Schemathesis' configuration: real ids among the made-up ones, all checks on."""
    lines = [
        "[checks.positive_data_acceptance]",
        "enabled = false  # `valid_requests_are_accepted` calls it",
        # What is no event is said to be rejected, one by one, in an answer of 202.
        "[[operations]]",
        'include-name = "POST /v1/events"',
        "checks.negative_data_rejection.enabled = false",
    ]
    for name, values in known.items():
        lines += _bound(name, name, values)
    for operation, name in ENDING.items():
        lines += ["[[operations]]", f'include-name = "{operation}"']
        lines += _bound(name, f"{name} to end", known[name][::2], where="operations.parameters")
    return "\n".join(lines) + "\n"


def _bound(name, dictionary, values, where="parameters"):
    word = re.sub(r"\W", "_", dictionary)
    return [
        f'[{where}."{name}"]', f'dictionary = "{word}"', f"probability = {SHARE}",
        f"[dictionaries.{word}]", f"values = {json.dumps(values)}",
    ]  # fmt: skip


def reached(folder):
    """Return the operations that answered with success at least once."""
    found = set()
    for line in (folder / REPORT).read_text(encoding="utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for name, case in recorder.get("cases", {}).items():
            answer = recorder.get("interactions", {}).get(name, {}).get("response")
            if answer and 200 <= answer["status_code"] < 300:
                found.add((case["value"]["method"], case["value"]["path"]))
    return found
