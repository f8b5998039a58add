"""Instruments as texts, drafted for an officer to perform: a request for consent, and a grant.

A draft does nothing. Whoever may perform it reads it, and brings it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from typing import Any

from comity.errors import InvalidInput
from comity.release import Missing


def request_for(one: Missing, us: str, when: str) -> str:
    """Return the request for a missing consent, dated at a time that is written out."""
    operation = {
        "do": "request_consent",
        "of": one.of,
        "holder": one.holder,
        "to": one.to,
        "item": one.item,
        "purposes": [one.purpose],
    }
    return _instrument(one.accord, f"{us}-asks-{one.of}", us, when, [operation])


def grant_for(
    request: str, accord: str, us: str, when: str, until: str | None = None
) -> str:
    """Return the consent that grants what a request asks of a party, and no more.

    Args:
        request: the table of the request, as it is on record.
        accord: under which it was asked.
        us: the party that gives it.
        when: the time at which it is dated, written out.
        until: the last day on which it counts, as written; None for no end.

    Raises:
        InvalidInput: it asks nothing of this party.
    """
    rows = tomllib.loads(request).get("instrument", [])
    asked = [
        operation
        for row in rows
        for operation in row.get("operations", [])
        if operation.get("do") == "request_consent" and operation.get("of") == us
    ]
    if not asked:
        raise InvalidInput(
            f"the instrument asks no consent of `{us}`",
            hint="`comity consent list` has the requests that wait for an answer",
            code="no-request",
        )
    name = rows[0]["id"]
    operations = []
    for one in asked:
        kept = {
            key: value for key, value in one.items() if key not in ("do", "of", "until")
        }
        last = until if until is not None else one.get("until")
        end = {} if last is None else {"until": last}
        operations.append({"do": "consent", "answers": name, **kept, **end})
    return _instrument(accord, f"{us}-grants", us, when, operations)


def _instrument(
    accord: str, name: str, by: str, when: str, operations: list[dict[str, Any]]
) -> str:
    lines = ", ".join(_inline(one) for one in operations)
    tail = hashlib.sha256(f"{lines} {when}".encode()).hexdigest()[:12]
    return (
        f"[[instrument]]\naccord = {_value(accord)}\n"
        f"id = {_value(f'{name}-{tail}')}\n"
        f"by = [{_value(by)}]\n"
        f'form = "written"\n'
        f"dated = {_value(when)}\n"
        f"operations = [{lines}]\n"
        f'source = "performed through this node"\n'
    )


def _inline(operation: dict[str, Any]) -> str:
    return (
        "{ "
        + ", ".join(f"{key} = {_value(value)}" for key, value in operation.items())
        + " }"
    )


def _value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
