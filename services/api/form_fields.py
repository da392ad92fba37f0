"""What a form of the page was filled in with."""

from __future__ import annotations

from urllib.parse import parse_qsl


def form_fields(body: bytes) -> dict[str, str]:
    """Return the fields of a form; of one that comes twice the last counts."""
    said = body.decode("utf-8", "replace")
    return {
        name: value.replace("\r\n", "\n").strip()
        for name, value in parse_qsl(said, keep_blank_values=True)
    }
