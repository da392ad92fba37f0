"""Schemathesis against a running api, by the document that this api itself serves."""

import json
import os
import subprocess
import sys

import httpx

from tests.support.process import ROOT
from tests.support.schemathesis_config import config, known_ids
from tests.support.schemathesis_report import REPORT

CHECKS = "tests.support.fuzz_checks"
UNTOUCHED = ("/v1/stream",)
"""Never ends by itself; its tests are its own."""


def fuzz(api, token, folder, *, examples, seed):
    """Return what Schemathesis said, after `examples` requests an operation as this caller."""
    document = httpx.get(f"{api.url}/openapi.json").raise_for_status().json()
    (folder / "openapi.json").write_text(json.dumps(closed(document)))
    (folder / "schemathesis.toml").write_text(config(known_ids(api)))
    return subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", folder / "schemathesis.toml",
         "run", folder / "openapi.json", "--url", api.url, "--header",
         f"Authorization: Bearer {token}", "--max-examples", str(examples), "--seed", str(seed),
         # One worker: Python 3.11 cannot parse source in two threads, and Hypothesis does.
         "--workers", "1", "--no-color", "--generation-database", "none",
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
