"""What an HTTP answer says when it says no: one table of problems (RFC 9457).

Every refusal of both sides of the endpoint is one row of `PROBLEMS`. To a stranger the row
is all there is; whoever may know more gets `code`, `detail` and `hint` beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from comity.errors import (
    ComityError,
    Finding,
    InvalidInput,
    NotAtHand,
    NotKnown,
    Unreadable,
)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of problem.

    Attributes:
        status: of HTTP.
        title: the same words for every occurrence (RFC 9457 section 3.1.3).
        again: whether the same request may succeed later, unchanged.
    """

    status: int
    title: str
    again: bool = False


PROBLEMS: Mapping[str, Kind] = {
    "bad-request": Kind(status=400, title="The request cannot be read"),
    "no-token": Kind(status=401, title="A token is needed that this node has given out"),
    "no-partner": Kind(status=403, title="Only partners are answered here"),
    "wrong-scope": Kind(status=403, title="The token is not for this"),
    "not-found": Kind(status=404, title="There is nothing by this name for you"),
    "wrong-method": Kind(status=405, title="This address has other methods"),
    "too-slow": Kind(status=408, title="The request did not come in time", again=True),
    "conflict": Kind(status=409, title="It is not as the request supposes"),
    "no-length": Kind(status=411, title="The length has to be said beforehand"),
    "too-large": Kind(status=413, title="The request is larger than the limit"),
    "wrong-type": Kind(
        status=415, title="The content is of another type than is read here"
    ),
    "invalid": Kind(status=422, title="What was given does not hold"),
    "too-many": Kind(status=429, title="Too many at once", again=True),
    "large-head": Kind(
        status=431, title="The head of the request is larger than the limit"
    ),
    "defect": Kind(status=500, title="Something in Comity itself failed"),
    "not-at-hand": Kind(status=501, title="What this needs is not installed here"),
    "busy": Kind(status=503, title="The node has as much as it can take", again=True),
    "stopping": Kind(status=503, title="The node is stopping", again=True),
    "no-space": Kind(status=507, title="The node has no room for this", again=True),
}


class Problem(Exception):
    """A request ends with one row of `PROBLEMS`.

    Attributes:
        detail, code, hint, findings: for whoever may know; empty to a stranger.
        retry_after: seconds after which to ask again; None where it says nothing.
        more: members of the row's own, such as the size that a log has.
    """

    def __init__(
        self,
        name: str,
        *,
        detail: str = "",
        code: str | None = None,
        hint: str = "",
        findings: tuple[Finding, ...] = (),
        retry_after: int | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail or PROBLEMS[name].title)
        self.name = name
        self.detail = detail
        self.code = code
        self.hint = hint
        self.findings = findings
        self.retry_after = retry_after
        self.more = dict(more or {})

    @property
    def kind(self) -> Kind:
        """Its row."""
        return PROBLEMS[self.name]

    def body(self) -> dict[str, object]:
        """Return the members of its JSON object; those that say nothing are left out."""
        said: dict[str, object] = {
            "type": f"/problems/{self.name}",
            "title": self.kind.title,
            "status": self.kind.status,
        }
        for key in ("detail", "code", "hint"):
            if getattr(self, key):
                said[key] = getattr(self, key)
        if self.findings:
            said["findings"] = [
                {
                    "where": f.where,
                    "line": f.line,
                    "code": f.code,
                    "severity": str(f.severity),
                    "message": f.message,
                    "hint": f.hint,
                }
                for f in self.findings
            ]
        return said | self.more

    def response(self, *, close: bool = False) -> Response:
        """Return the answer; with ``close`` it ends the connection."""
        headers = {"cache-control": "no-store"}
        if self.retry_after is not None:
            headers["retry-after"] = str(self.retry_after)
        if self.name == "no-token":
            headers["www-authenticate"] = "Bearer"
        if close:
            headers["connection"] = "close"
        raw = json.dumps(self.body(), ensure_ascii=False).encode()
        return Response(
            raw, status_code=self.kind.status, headers=headers, media_type=MEDIA_TYPE
        )


def problem_of(error: ComityError) -> Problem:
    """Return an error that a person can mend as the problem that an answer says."""
    if isinstance(error, Unreadable):
        return Problem(
            "invalid", code=error.code, detail=error.message, findings=error.findings
        )
    name = "busy"
    if isinstance(error, NotKnown):
        name = "not-found"
    elif isinstance(error, InvalidInput):
        name = "invalid"
    elif isinstance(error, NotAtHand):
        name = "not-at-hand"
    elif error.code == "no-space":
        name = "no-space"
    return Problem(name, code=error.code, detail=error.message, hint=error.hint)
