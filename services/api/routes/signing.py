"""Signing in and out on the page: a key goes into a cookie, and into no address."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.api.access import SignIn, refuse_foreign_form, sign_out
from services.api.addresses import is_refused, next_of
from services.api.context import BodyDep, Context, ContextDep
from services.api.form_fields import form_fields
from services.api.routes.rendered import rendered

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def ask(request: Request, context: ContextDep) -> Response:
    """Ask for a key; say so where one was given that does not hold."""
    return _asked(request, context, refused=is_refused(request))


@router.post("/sign-in")
async def enter(request: Request, body: BodyDep) -> Response:
    """Take the key of the form, and open the page that was wanted."""
    refuse_foreign_form(request)
    token = form_fields(body).get("token", "")
    await request.app.state.access.given(token)
    raise SignIn(token, next_of(request), secure=request.url.scheme == "https")


@router.get("/sign-out")
def leave(request: Request, context: ContextDep) -> Response:
    """Forget the key in this browser, and ask for one."""
    answer = _asked(request, context, left=True)
    sign_out(request, answer)
    return answer


def _asked(
    request: Request, context: Context, *, left: bool = False, refused: bool = False
) -> Response:
    return rendered(
        context,
        request,
        "sign_in.html",
        status=401 if refused else 200,
        given=refused,
        left=left,
        next=next_of(request),
    )
