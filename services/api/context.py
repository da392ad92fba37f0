"""What a route is given: the database, the clock, the ports and who asks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from sqlalchemy import Connection

from services.api.answers import Answer
from services.api.commands import Repeatable
from services.api.paging import DEFAULT_LIMIT, MAX_CURSOR, MAX_LIMIT, Page
from services.api.ports import Intake, RunCommands
from services.api.principal import Principal
from services.api.problems import ProblemError
from services.api.queries.usual_gaps import UsualGaps
from services.api.shared_reads import SharedReads
from services.api.stream import StreamHub
from services.api.ui.rendering import Renderer
from shared.domain.rates import Rates, Worth
from shared.runtime.clock import Clock
from shared.runtime.settings import Settings
from shared.store.moment import deciding_moment
from shared.store.session import Database

MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class Context:
    """All that the api was composed of."""

    database: Database
    settings: Settings
    clock: Clock
    hub: StreamHub
    renderer: Renderer
    reads: SharedReads[Answer]
    rates: Rates
    gaps: UsualGaps
    intake: Intake | None = None
    runs: RunCommands | None = None

    def moment(self, connection: Connection) -> datetime:
        """Return the time that alert states and people's acts go by."""
        return deciding_moment(connection, self.clock.now(), self.settings.clock)

    def worth(self, connection: Connection) -> Worth:
        """Return the rates of exchange of that time."""
        return self.rates.at(self.moment(connection))

    @property
    def wall(self) -> datetime | None:
        """Return the present where the wall clock decides; None on the event clock."""
        return self.clock.now() if self.settings.clock == "wall" else None

    def need_intake(self) -> Intake:
        """Return the intake; 503 where this process has none."""
        if self.intake is None:
            raise ProblemError(503, "this process takes no events in; use `leadline api` or `up`")
        return self.intake

    def need_runs(self) -> RunCommands:
        """Return the run commands; 503 where this process has none."""
        if self.runs is None:
            raise ProblemError(503, "this process has no playbooks; use `leadline api` or `up`")
        return self.runs


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


async def _principal(request: Request) -> Principal:
    principal: Principal = request.state.principal
    return principal


async def _body(request: Request) -> bytes:
    return await request.body()


async def _page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items a page.")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None,
        Query(max_length=MAX_CURSOR, description="`next_cursor` of the page before."),
    ] = None,
) -> Page:
    return Page(limit, cursor)


ContextDep = Annotated[Context, Depends(_context)]
PrincipalDep = Annotated[Principal, Depends(_principal)]
PageDep = Annotated[Page, Depends(_page)]
BodyDep = Annotated[bytes, Depends(_body)]


async def _repeatable(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    body: BodyDep,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=MAX_KEY,
            description="Repeating a request under its key gives the first answer again for 24 h; "
            "another request under the key is refused with 422.",
            examples=[str(uuid.UUID(int=1))],
        ),
    ] = None,
) -> Repeatable | None:
    if key is None:
        return None
    what = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    digest = sha256(what + body).hexdigest()
    return Repeatable(principal.key_id, key, digest, context.clock.now(), uuid.uuid4().bytes)


RepeatDep = Annotated[Repeatable | None, Depends(_repeatable)]
