"""The own side's addresses, as one table; what answers and what is promised come from it.

`/openapi.json` (OpenAPI 3.1) is made from `ROUTES`, and so are the handlers of
`comity.exchange.ownside`: an address that is in one and not in the other cannot be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import Any

from comity.exchange import desk
from comity.exchange.problem import MEDIA_TYPE, PROBLEMS
from comity.exchange.shapes import definitions, schema

JSON = "application/json"


class Scope(StrEnum):
    """What a token is for."""

    DESK = "desk"
    OFFICER = "officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address and method of the own side.

    Attributes:
        name: of the handler, and of the operation in OpenAPI.
        scope: a token needs it; None is open to whoever reaches the socket.
        asks: names of query parameters, with the type of each.
        takes: the body's type; with ``many`` under the key ``items``.
        gives: the answer's type; with ``many`` under the key ``items``, ``media`` aside.
    """

    name: str
    method: str
    path: str
    scope: Scope | None
    says: str
    asks: tuple[tuple[str, type], ...] = ()
    takes: type | None = None
    takes_many: bool = False
    gives: type | None = None
    many: bool = False
    media: str = JSON
    status: int = 200


_PAGE = (("after", int), ("limit", int))

ROUTES: tuple[Route, ...] = (
    Route(
        name="health",
        method="GET",
        path="/health",
        scope=None,
        says="Whether the node answers, and nothing else.",
        gives=desk.Health,
    ),
    Route(
        name="openapi",
        method="GET",
        path="/openapi.json",
        scope=None,
        says="This description.",
    ),
    Route(
        name="metrics",
        method="GET",
        path="/metrics",
        scope=Scope.OPERATOR,
        says="Counts, in the text format of Prometheus. No accord is named in them.",
        media="text/plain; version=0.0.4; charset=utf-8",
    ),
    Route(
        name="checks",
        method="GET",
        path="/1/checks",
        scope=Scope.OPERATOR,
        says="What `comity doctor` looks at, and whether it is as it should be.",
        gives=desk.Check,
        many=True,
    ),
    Route(
        name="send",
        method="POST",
        path="/1/items",
        scope=Scope.DESK,
        says="Send items, each to one recipient; a verdict each, in the same order.",
        takes=desk.Sending,
        takes_many=True,
        gives=desk.Verdict,
        many=True,
    ),
    Route(
        name="preview",
        method="POST",
        path="/1/items/preview",
        scope=Scope.DESK,
        says="Say what would come of it; nothing is sent and nothing is recorded.",
        takes=desk.Sending,
        takes_many=True,
        gives=desk.Verdict,
        many=True,
    ),
    Route(
        name="upload",
        method="PUT",
        path="/1/uploads/{digest}",
        scope=Scope.DESK,
        says="Bring a piece of a large content, with its `Content-Range`.",
        gives=desk.Uploaded,
    ),
    Route(
        name="uploaded",
        method="GET",
        path="/1/uploads/{digest}",
        scope=Scope.DESK,
        says="How much of a large content is there.",
        gives=desk.Uploaded,
    ),
    Route(
        name="inbox",
        method="GET",
        path="/1/inbox",
        scope=Scope.DESK,
        says="What came, oldest first, after a place in the inbox.",
        asks=_PAGE,
        gives=desk.Arrived,
        many=True,
    ),
    Route(
        name="events",
        method="GET",
        path="/1/events",
        scope=Scope.DESK,
        says="What comes, as it comes: server-sent events, each an `Arrived`.",
        asks=(("after", int),),
        media="text/event-stream",
    ),
    Route(
        name="content",
        method="GET",
        path="/1/inbox/{n}/content",
        scope=Scope.DESK,
        says="The content of an item that came, opened for an officer.",
        asks=(("officer", str),),
        media="application/octet-stream",
    ),
    Route(
        name="acknowledge",
        method="POST",
        path="/1/inbox/{n}/acknowledgement",
        scope=Scope.DESK,
        says="A named officer has the item; the accord's receipt.",
        takes=desk.By,
        gives=desk.Done,
    ),
    Route(
        name="refuse",
        method="POST",
        path="/1/inbox/{n}/refusal",
        scope=Scope.DESK,
        says="A named officer does not take the item, and says why.",
        takes=desk.By,
        gives=desk.Done,
    ),
    Route(
        name="outbox",
        method="GET",
        path="/1/outbox",
        scope=Scope.DESK,
        says="What was sent and how far it is, oldest first.",
        asks=_PAGE,
        gives=desk.Outgoing,
        many=True,
    ),
    Route(
        name="stuck",
        method="GET",
        path="/1/stuck",
        scope=Scope.DESK,
        says="What does not move: who has to act, and the last error.",
        gives=desk.Outgoing,
        many=True,
    ),
    Route(
        name="accords",
        method="GET",
        path="/1/accords",
        scope=Scope.DESK,
        says="The accords of this party, as they stand now.",
        gives=desk.Standing,
        many=True,
    ),
    Route(
        name="instruments",
        method="GET",
        path="/1/accords/{accord}/instruments",
        scope=Scope.DESK,
        says="The instruments on record under one accord.",
        gives=desk.Recorded,
        many=True,
    ),
    Route(
        name="perform",
        method="POST",
        path="/1/instruments",
        scope=Scope.OFFICER,
        says="Perform an instrument: record it, sign it, and send it to the other parties.",
        takes=desk.Text,
        gives=desk.Done,
    ),
    Route(
        name="consents",
        method="GET",
        path="/1/consents",
        scope=Scope.DESK,
        says="Whose consent is missing for an item to go to a party, with the request for it.",
        asks=(("item", str), ("to", str)),
        gives=desk.Missing,
        many=True,
    ),
    Route(
        name="holds",
        method="GET",
        path="/1/holds",
        scope=Scope.DESK,
        says="This party's own holds.",
        gives=desk.OnHold,
        many=True,
    ),
    Route(
        name="hold",
        method="POST",
        path="/1/holds",
        scope=Scope.OFFICER,
        says="Set holds, as `holds.toml` of a world has them; they stop what they cover at once.",
        takes=desk.Text,
        gives=desk.Done,
    ),
    Route(
        name="lift",
        method="POST",
        path="/1/holds/{hold}/end",
        scope=Scope.OFFICER,
        says="End a hold.",
        takes=desk.By,
        gives=desk.Done,
    ),
    Route(
        name="evidence",
        method="GET",
        path="/1/evidence/{envelope}",
        scope=Scope.AUDITOR,
        says="The bundle that proves one exchange, by its envelope or its item, as a zip file.",
        media="application/zip",
    ),
    Route(
        name="approve",
        method="POST",
        path="/1/approvals",
        scope=Scope.OFFICER,
        says="Take an officer's signed approval of one sending.",
        takes=desk.Approval,
        gives=desk.Done,
    ),
    Route(
        name="hindsight",
        method="GET",
        path="/1/accords/{accord}/hindsight",
        scope=Scope.DESK,
        says="What crossed under one accord and would not have, by what is known now.",
        gives=desk.Differs,
        many=True,
    ),
    Route(
        name="destroy",
        method="POST",
        path="/1/accords/{accord}/keys/end",
        scope=Scope.OFFICER,
        says="Destroy the term keys of an accord that has ended. It cannot be undone.",
        takes=desk.By,
        gives=desk.Done,
    ),
    Route(
        name="register",
        method="GET",
        path="/1/register",
        scope=Scope.DESK,
        says="The register of items: every copy, or those of one item.",
        asks=(("item", str),),
        gives=desk.Copy,
        many=True,
    ),
    Route(
        name="hand",
        method="POST",
        path="/1/register/{serial}/{copy}/holder",
        scope=Scope.DESK,
        says="A copy has another holder or place.",
        takes=desk.Held,
        gives=desk.Copy,
    ),
    Route(
        name="duplicate",
        method="POST",
        path="/1/register/{serial}/copies",
        scope=Scope.DESK,
        says="A further copy of an item was made.",
        takes=desk.Held,
        gives=desk.Copy,
    ),
    Route(
        name="end",
        method="POST",
        path="/1/register/{serial}/{copy}/end",
        scope=Scope.DESK,
        says="A copy was destroyed or returned, by a certificate.",
        takes=desk.Ending,
        gives=desk.Copy,
    ),
    Route(
        name="muster",
        method="POST",
        path="/1/muster",
        scope=Scope.DESK,
        says="Copies were seen; the answer is those that should be here and were not.",
        takes=desk.Muster,
        gives=desk.Copy,
        many=True,
    ),
    Route(
        name="partners",
        method="GET",
        path="/1/partners",
        scope=Scope.OPERATOR,
        says="The partners, and how things are with each.",
        gives=desk.Partner,
        many=True,
    ),
    Route(
        name="invitation",
        method="GET",
        path="/1/invitation",
        scope=Scope.OPERATOR,
        says="This party's file of keys for a partner: its key lists and term keys.",
        asks=(("to", str),),
        media="application/octet-stream",
    ),
    Route(
        name="renew",
        method="POST",
        path="/1/keys",
        scope=Scope.OPERATOR,
        says="Take the next version of this party's key list.",
        takes=desk.KeyList,
        gives=desk.Done,
    ),
    Route(
        name="accept",
        method="POST",
        path="/1/partners",
        scope=Scope.OPERATOR,
        says="Accept a partner by its file of keys, whose fingerprint was read aloud.",
        takes=desk.Acceptance,
        gives=desk.Partner,
    ),
)


def openapi() -> dict[str, Any]:
    """Return the description of every route (OpenAPI 3.1)."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    kinds = tuple(k for r in ROUTES for k in (r.takes, r.gives) if k is not None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Comity, a node's own side", "version": version("comity")},
        "paths": paths,
        "components": {
            "schemas": definitions(kinds) | {"Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why not (RFC 9457).",
    "properties": {
        "type": {"enum": [f"/problems/{name}" for name in PROBLEMS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "hint": {"type": "string"},
    },
    "required": ["type", "title", "status"],
}


def _operation(route: Route) -> dict[str, Any]:
    content = {"schema": _listed(route.gives, many=route.many)} if route.gives else {}
    said: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.says,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in re.findall(r"{(\w+)}", route.path)
            ),
            *(
                {"name": name, "in": "query", "schema": schema(kind)}
                for name, kind in route.asks
            ),
        ],
        "responses": {
            str(route.status): {"description": "Done.", "content": {route.media: content}},
            "default": {
                "description": "Why not.",
                "content": {
                    MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            },
        },
    }
    if route.takes is not None:
        body = {"schema": _listed(route.takes, many=route.takes_many)}
        said["requestBody"] = {"required": True, "content": {JSON: body}}
    if route.method == "PUT":
        said["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": {}},
        }
    if route.scope is not None:
        said["security"] = [{"token": []}]
        said["description"] = f"The token has the scope `{route.scope}`."
    return said


def _listed(kind: type, *, many: bool) -> dict[str, Any]:
    if not many:
        return schema(kind)
    return {
        "type": "object",
        "properties": {"items": {"type": "array", "items": schema(kind)}},
        "required": ["items"],
    }
