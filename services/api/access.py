"""Tokens in, principals out; every operation asks the one table of policies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute

from services.api.addresses import sign_in_again, without_token
from services.api.keys import find_principal
from services.api.principal import POLICIES, PUBLIC, WATCH, Principal
from services.api.problems import ProblemError
from services.api.upkeep import Upkeep
from shared.runtime.clock import Clock
from shared.runtime.hosts import is_loopback
from shared.store.keys import token_hash
from shared.store.session import Database

COOKIE = "leadline_token"
REMEMBERED = timedelta(seconds=2)
"""How long a key is believed without asking the database; a revocation takes as long."""
MAX_REMEMBERED = 10_000
GIVEN = "given"
"""Marks the refusal of a key that was given just now; a browser sends an old cookie by itself."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class PolicyMissingError(Exception):
    """A route has no declared policy: the app must not start."""


class SignIn(Exception):  # noqa: N818  # an answer, not a fault
    """A key was given, in the form or by `?token=`: open the page that follows, without it.

    The token is one that holds, for the cookie; None for one that does not.
    """

    def __init__(self, token: str | None, location: str, *, secure: bool = False) -> None:
        super().__init__(location)
        self.token, self.location, self.secure = token, location, secure


class Access:
    """Finds out who asks, and whether they may; `granted` asks it before every answer."""

    def __init__(self, database: Database, clock: Clock, host: str, upkeep: Upkeep) -> None:
        self._database, self._clock, self._upkeep = database, clock, upkeep
        self._watch_open = is_loopback(host)
        self._remembered: dict[bytes, tuple[float, Principal]] = {}
        self._asked: dict[bytes, asyncio.Task[Principal | None]] = {}

    async def __call__(self, request: Request) -> None:
        """Set `request.state.principal`, or refuse with 401 or 403."""
        policy = POLICIES[request.method, request.scope["route"].path_format]
        if policy is PUBLIC or (policy is WATCH and self._watch_open):
            return
        # Not of `request.url`, which is put together anew for each request.
        is_page = not request.scope["path"].startswith(("/v1/", "/metrics"))
        if is_page and request.method == "GET" and (pasted := _pasted(request)):
            if await self._known(pasted) is None:
                raise SignIn(None, sign_in_again(request))
            raise SignIn(pasted, without_token(request), secure=request.url.scheme == "https")
        token, from_cookie = token_of(request)
        if token and from_cookie and request.method not in SAFE:
            refuse_foreign_form(request)
        principal = await self._principal(token)
        if principal.role not in policy:
            raise ProblemError(403, f"role {principal.role} may not do this")
        request.state.principal = principal
        self._upkeep.used(principal.key_id)

    async def given(self, token: str) -> None:
        """Refuse with 401 a key that somebody gave just now; the page says that it is this key."""
        await self._principal(token, word=GIVEN)

    async def holds(self, token: str, principal: Principal) -> bool:
        """Return whether a token still is this principal's, for an answer that goes on and on."""
        return await self._known(token) == principal

    async def _principal(self, token: str | None, word: str | None = None) -> Principal:
        if token and (known := await self._known(token)):
            return known
        raise ProblemError(
            401,
            "give a token that holds, as `Authorization: Bearer TOKEN`",
            headers={"WWW-Authenticate": 'Bearer realm="leadline"'},
            word=word,
        )

    async def _known(self, token: str) -> Principal | None:
        digest = token_hash(token)
        until, known = self._remembered.get(digest, (0.0, None))
        if known is not None and self._clock.monotonic() < until:
            return known
        found = await asyncio.shield(self._looked_up(digest, token))
        if found is None:
            self._remembered.pop(digest, None)
        else:
            self._remember(digest, found)
        return found

    def _looked_up(self, digest: bytes, token: str) -> asyncio.Task[Principal | None]:
        """Ask the database for a key; all requests that wait for the same key share one look."""
        task = self._asked.get(digest)
        if task is None:
            task = asyncio.create_task(
                run_in_threadpool(find_principal, self._database, token, self._clock.now())
            )
            self._asked[digest] = task
            task.add_done_callback(lambda _: self._asked.pop(digest, None))
        return task

    def _remember(self, digest: bytes, principal: Principal) -> None:
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        until = self._clock.monotonic() + REMEMBERED.total_seconds()
        self._remembered[digest] = (until, principal)


async def granted(request: Request) -> None:
    """Let the app's own access decide; a dependency of every route."""
    await request.app.state.access(request)


def require_policies(app: FastAPI) -> None:
    """Raise `PolicyMissingError` unless every operation has a policy."""
    missing = [one for one in operations(app.routes) if one not in POLICIES]
    if missing:
        said = ", ".join(f"{method} {path}" for method, path in missing)
        raise PolicyMissingError(f"no policy is declared for {said}")


def operations(routes: Sequence[BaseRoute]) -> list[tuple[str, str]]:
    """Return method and path of every operation."""
    return [
        (method, context.path_format or "?")
        for context in iter_route_contexts(routes)
        for method in sorted(context.methods or {"ANY"})
        if method != "HEAD"
    ]


def sign_out(request: Request, answer: Response) -> None:
    """Forget the key in this browser; refuse where another site asks."""
    if request.headers.get("sec-fetch-site") not in {None, "same-origin", "none"}:
        raise ProblemError(403, "this did not come from this site", word="foreign_form")
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")


def signed_in(_request: Request, error: Exception) -> Response:
    """Answer `SignIn`: the token moves from the URL into a cookie that scripts cannot read."""
    if not isinstance(error, SignIn):
        raise error
    answer = RedirectResponse(error.location, status_code=303)
    if error.token is not None:
        answer.set_cookie(COOKIE, error.token, httponly=True, samesite="lax", secure=error.secure)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def token_of(request: Request) -> tuple[str | None, bool]:
    """Return the token, and whether the browser sent it by itself."""
    given = request.headers.get("authorization")
    if given is not None:
        scheme, _, token = given.partition(" ")
        return (token.strip() if scheme.lower() == "bearer" else None), False
    return request.cookies.get(COOKIE), True


def refuse_foreign_form(request: Request) -> None:
    """Refuse a form that another site sent: with our cookie, or with a key of its own."""
    site = request.headers.get("sec-fetch-site")
    if site in {"same-origin", "none"}:
        return
    origin = request.headers.get("origin")
    if site is None and origin and urlsplit(origin).netloc == request.headers.get("host"):
        return
    raise ProblemError(403, "this form did not come from this site", word="foreign_form")


def _pasted(request: Request) -> str:
    """Return the token of the address; what is copied often has space around it."""
    return request.query_params.get("token", "").strip()
