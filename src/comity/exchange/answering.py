"""How any request is answered: within its limits, and with a problem where it fails.

No defect shows its inside: the log has its kind and place, the peer a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.errors import ComityError, printable
from comity.exchange.logs import Log
from comity.exchange.problem import Problem, problem_of

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


def answering(handler: Handler, log: Log) -> ASGIApp:
    """Return an application that answers by a handler, and says what goes wrong."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await handler(request)
        except Problem as problem:
            response = problem.response(close=_unread(scope, problem))
        except ComityError as error:
            response = problem_of(error).response()
        except Exception as error:  # noqa: BLE001 - the last door
            log.defect(error)
            response = Problem("defect").response(close=True)
        await response(scope, receive, send)

    return app


def _unread(scope: Scope, problem: Problem) -> bool:
    """Say whether a body may be left unread, so that the connection is of no more use."""
    early = {"too-slow", "too-large", "no-length", "bad-request"}
    return problem.name in early or scope["method"] in ("POST", "PUT")


def json_response(value: object, status: int = 200) -> Response:
    """Return a value as JSON that nobody keeps on the way."""
    return Response(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )


def json_body(raw: bytes) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return the JSON of a body, each key once.

    Raises:
        Problem: ``bad-request``.
    """
    try:
        return json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Problem(
            "bad-request",
            code="bad-json",
            detail=f"the body is no JSON: {printable(str(error))}",
        ) from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found
