"""How Schemathesis is set up: names that exist among the made-up ones, all checks on."""

import json
import re

import httpx

AHEAD = "2026-12-01T00:00:00+07:00"
OPERATIONS = {
    "POST /v1/alerts/{alert_id}/resolve": ("path.alert_id", "alerts to end"),
    "POST /v1/alerts/{alert_id}/snooze": ("path.alert_id", "alerts to keep"),
    "POST /v1/playbook-runs/{run_id}/close": ("path.run_id", "runs to end"),
}
"""What ends something gets ids of its own, so that something is left for the others to act on:
a run that is closed resolves its alert."""
OVER = ("resolved", "expired")
SHARE = 0.6
"""How often an id is a real one; else it is made up."""


def known_ids(api):
    """Return names that exist, by the parameter that they are for."""
    headers = {"Authorization": f"Bearer {api.token('admin')}"}
    with httpx.Client(base_url=f"{api.url}/v1", headers=headers) as client:

        def column(path, name):
            return [one[name] for one in client.get(path).raise_for_status().json()["items"]]

        runs = client.get("/playbook-runs").raise_for_status().json()["items"]
        by_hand = [run for run in runs if run["alert_id"] is None]
        alerts = client.get("/alerts").raise_for_status().json()["items"]
        live = [one["alert_id"] for one in alerts if one["state"] not in OVER]
        ending = live[::2]
        accounts = column("/accounts", "account_id")
        playbooks = column("/playbooks", "playbook")
        return {
            "path.account_id": accounts,
            "path.alert_id": [one["alert_id"] for one in alerts],
            "alerts to end": ending,
            "alerts to keep": live[1::2],
            "path.run_id": [run["run_id"] for run in runs],
            "runs to end": [run["run_id"] for run in runs if run["alert_id"] in (None, *ending)][
                ::2
            ],
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
    own = {dictionary for _, dictionary in OPERATIONS.values()}
    for name, values in known.items():
        if name not in own:
            lines += _bound(name, name, values)
    for operation, (name, dictionary) in OPERATIONS.items():
        lines += ["[[operations]]", f'include-name = "{operation}"']
        lines += _bound(name, dictionary, known[dictionary], where="operations.parameters")
    return "\n".join(lines) + "\n"


def _bound(name, dictionary, values, where="parameters"):
    word = re.sub(r"\W", "_", dictionary)
    return [
        f'[{where}."{name}"]', f'dictionary = "{word}"', f"probability = {SHARE}",
        f"[dictionaries.{word}]", f"values = {json.dumps(values)}",
    ]  # fmt: skip
