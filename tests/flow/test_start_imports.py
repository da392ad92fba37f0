"""A service does not pay at every start for what it does once a month, or never."""

import subprocess
import sys

import pytest

from tests.support.process import ROOT

RARE = {
    "alembic": "only `migrate` migrates",
    "scipy.optimize": "fits are monthly",
    "sklearn": "training is a command",
    "confluent_kafka": "only the demo embeds a broker",
}


@pytest.mark.parametrize("service", ["ingest", "signals", "api"])
def test_a_service_starts_without_what_it_rarely_needs(service):
    program = f"import sys, services.{service}.__main__; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not RARE.keys() & set(done.stdout.split())
