"""Probes and Prometheus text."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from services.api.answers import encode
from services.api.context import Context, ContextDep
from services.api.metrics import account_metrics, product_metrics
from services.api.operation_forms import Alive, Ready
from services.api.queries.health import database_answers
from services.api.routes.documented import errors
from shared.runtime.health import METRICS_TYPE
from shared.store.migrate import SchemaError, check_schema

router = APIRouter(tags=["health"])
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get("/livez", summary="Is the process alive?", responses={200: {"model": Alive}})
def livez() -> Response:
    """Answer at all."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@router.get(
    "/readyz",
    summary="Can it serve?",
    responses={200: {"model": Ready}, 503: {"model": Ready, "description": "Not now."}},
)
def readyz(context: ContextDep) -> Response:
    """Say whether the database answers and its schema fits."""
    faults = _faults(context)
    body = encode({"status": "failing" if faults else "ok", "faults": faults})
    return Response(body, 503 if faults else 200, media_type="application/json")


@router.get("/metrics", summary="Metrics of the product", responses={**_TEXT, **errors()})
def metrics(context: ContextDep) -> Response:
    """Return Prometheus text; no account or person is in it."""
    body = product_metrics(context.database, context.settings, context.clock, context.gaps)
    return Response(body, media_type=METRICS_TYPE)


@router.get("/metrics/accounts", summary="Health of accounts", responses={**_TEXT, **errors()})
def metrics_of_accounts(context: ContextDep) -> Response:
    """Return Prometheus text of the accounts with the highest margin at risk."""
    body = account_metrics(context.database, context.settings, context.clock, context.rates)
    return Response(body, media_type=METRICS_TYPE)


def _faults(context: Context) -> dict[str, str]:
    try:
        database_answers(context.database)
    except Exception as error:  # noqa: BLE001  # a probe reports whatever is wrong
        return {"database": type(error).__name__}
    try:
        check_schema(context.database)
    except SchemaError as error:
        return {"schema": str(error)}
    return {}
