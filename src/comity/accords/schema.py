"""The JSON Schema of the rule blocks, generated from the clause types, for editors."""

from __future__ import annotations

from typing import Any

from comity.accords.accord import FORMAT, Front
from comity.accords.binding import nested, schema_of
from comity.accords.clauses import MANY, SINGLE


def accord_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of a block's tables.

    The front matter's is ``$defs/Front``.
    """
    kinds = {**SINGLE, **MANY}
    inner = {kind for clause in kinds.values() for kind in nested(clause)}
    tables: dict[str, Any] = {
        name: {"$ref": f"#/$defs/{kind.__name__}"} for name, kind in SINGLE.items()
    }
    tables |= {
        name: {"type": "array", "items": {"$ref": f"#/$defs/{kind.__name__}"}}
        for name, kind in MANY.items()
    }
    every = sorted({*kinds.values(), *inner, Front}, key=lambda kind: kind.__name__)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The rules of {FORMAT}",
        "type": "object",
        "additionalProperties": False,
        "properties": tables,
        "$defs": {kind.__name__: schema_of(kind) for kind in every},
    }
