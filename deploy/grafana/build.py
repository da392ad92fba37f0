"""Write the dashboards' JSON files: `make generate`. A test compares them with this code."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.account_health import account_health
from deploy.grafana.pipeline import pipeline

FOLDER = Path(__file__).parent / "dashboards"


def dashboards() -> dict[str, str]:
    """Return each dashboard's JSON text by its file name."""
    built = {"account-health.json": account_health(), "pipeline.json": pipeline()}
    encoder = JSONEncoder(sort_keys=True, indent=2)
    return {name: encoder.encode(each.build()) + "\n" for name, each in built.items()}


def main() -> None:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in dashboards().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
