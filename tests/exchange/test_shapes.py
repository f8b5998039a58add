import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.exchange import desk
from comity.exchange.shapes import definitions, from_json, schema, to_json

KINDS = [
    v for v in vars(desk).values() if isinstance(v, type) and v.__module__ == desk.__name__
]


@settings(deadline=None)
@given(st.data())
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_of_the_own_side_comes_back_from_its_json(kind, data):
    value = data.draw(st.from_type(kind))
    assert from_json(kind, json.loads(json.dumps(to_json(value)))) == value


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """An inner thing."""

    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """An outer thing."""

    name: str
    parts: tuple[Inner, ...] = ()
    raw: bytes | None = None
    on: bool = False


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "the body"),
        ({}, "`name` is missing"),
        ({"name": 1}, "`name` is no string"),
        ({"name": "x", "more": 1}, "`more` is no key"),
        ({"name": "x", "parts": {}}, "`parts` is no list"),
        ({"name": "x", "parts": [{"n": 1}, {"n": True}]}, "`parts[1].n` is no integer"),
        ({"name": "x", "parts": [{"n": 1.5}]}, "`parts[0].n` is no integer"),
        ({"name": "x", "raw": "a"}, "`raw` is no base64"),
        ({"name": "x", "raw": "YQ"}, "`raw` is no base64"),
        ({"name": "x", "raw": "YQ==\n"}, "`raw` is no base64"),
        ({"name": "x", "on": 1}, "`on` is no boolean"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(body, where):
    with pytest.raises(InvalidInput) as error:
        from_json(Outer, body)
    assert where in error.value.message
    assert error.value.code == "bad-json"


def test_a_word_outside_its_list_is_refused():
    with pytest.raises(InvalidInput, match="none of `FLASH`"):
        from_json(desk.Sending, {"to": "x", "precedence": "URGENT"})


def test_the_schema_names_every_part_and_closes_every_object():
    found = definitions((Outer,))
    assert set(found) == {"Inner", "Outer"}
    assert found["Outer"]["required"] == ["name"]
    assert all(one["additionalProperties"] is False for one in found.values())
    assert found["Outer"]["properties"]["parts"] == {
        "type": "array",
        "items": schema(Inner),
    }
