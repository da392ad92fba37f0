"""What a run of Schemathesis reached, by its own report."""

import json

REPORT = "report.ndjson"


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
