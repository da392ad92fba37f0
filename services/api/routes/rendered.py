"""What every page has in common: its reader's language and how it is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import Request, Response

from services.api.context import Context
from services.api.plays import Library
from services.api.queries.runs import worded
from services.api.ui.locales import preferred


def language_of(request: Request) -> str:
    """Return the reader's language."""
    return preferred(request.headers.get("accept-language"))


def library_of(context: Context, language: str = "en") -> Library:
    """Return what the page says of playbooks; nothing where this process has no library."""
    found = context.runs.playbooks() if context.runs else []
    return Library(
        {one["playbook"]: worded(one["titles"], language) for one in found},
        frozenset(one["playbook"] for one in found if one["called"]),
        {one["playbook"]: timedelta(days=one["cooldown_days"]) for one in found},
        {one["playbook"]: one["outcomes"] for one in found},
    )


def rendered(
    context: Context, request: Request, template: str, status: int = 200, **values: Any
) -> Response:
    """Return a page."""
    body = context.renderer.render(template, language=language_of(request), **values)
    return Response(body, status, {"Cache-Control": "private, no-store"}, "text/html")
