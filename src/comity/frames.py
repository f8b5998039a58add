"""Of the rows of a pandas or Polars frame, those that may go to a party at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias, TypeVar, cast

from comity.accords.times import Instant, instant_of
from comity.compiled import Index
from comity.errors import InvalidInput, NotAtHand
from comity.labels import Item, Label, Level
from comity.release import Denial, Request, decide
from comity.release.request import Reason

Frame = TypeVar("Frame")
"""A pandas or Polars frame, or another that ``narwhals`` knows, with its rows at hand."""

REASON = "reason"
"""The column that `split` adds to what may not go."""


@dataclass(frozen=True, slots=True)
class Same:
    """A word, or several, that every row has, in place of a column."""

    value: str | tuple[str, ...]


Where: TypeAlias = "str | Same"
"""The name of a column, or what every row has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Which column says what of an item.

    A cell that says nothing (None, NaN, an empty string) or holds no words keeps its row from
    going; so does a word that the world does not know. In a column of lists a cell is a list
    of words, or one word.

    Attributes:
        level: the originator's marking, ``party:level``.
        originators: the parties it comes from; a list.
        categories: what it is about; a list.
        kind, purpose, channel: a word each.
        release_to: to whom its originator lets it go; a list. A cell that says nothing is
            nobody; without a column the audience of the level decides.
        item: the item's id, by which consents to one item name it; without a column there
            is no such consent.
        made: when it was made, as a datetime with its zone; a group with dated members
            admits nobody where it is not said.
    """

    level: Where
    originators: Where
    categories: Where
    kind: Where
    purpose: Where
    channel: Where
    release_to: Where | None = None
    item: Where | None = None
    made: str | None = None


_LISTS = frozenset({"originators", "categories", "release_to"})
_COLUMNS = tuple(spec.name for spec in fields(Marks))


def keep(
    frame: Frame, index: Index, marks: Marks, *, sender: str, recipient: str, at: Instant
) -> Frame:
    """Return the rows that may go, in their order: those that `decide` permits, and no other.

    Raises:
        NotAtHand: ``comity[frames]`` is not installed.
        InvalidInput: no frame, or a column that it does not have.
        NotKnown: a party that the world does not have.
    """
    table = _table(frame)
    verdicts = _verdicts(_items(table, marks), index, sender, recipient, at)
    return cast("Frame", _rows(table, verdicts).to_native())


def split(
    frame: Frame, index: Index, marks: Marks, *, sender: str, recipient: str, at: Instant
) -> tuple[Frame, Frame]:
    """Return the rows that may go, and the others with why not in a column ``reason``.

    The reason is that of `decide`, asked once for all rows that say the same.

    Raises:
        NotAtHand, InvalidInput, NotKnown: as `keep`; and where the frame has a column
            ``reason`` already.
    """
    table = _table(frame)
    if REASON in table.columns:
        raise InvalidInput(
            f"the frame has a column `{REASON}` already",
            hint="rename it first: the reasons go there",
            code="column-taken",
        )
    items = _items(table, marks)
    verdicts = _verdicts(items, index, sender, recipient, at)
    why: dict[int, str] = {}
    reasons: list[str] = []
    for item, permitted in zip(items, verdicts, strict=True):
        if permitted:
            continue
        if id(item) not in why:
            why[id(item)] = _reason(item, index, sender, recipient, at)
        reasons.append(why[id(item)])
    nw = _narwhals()
    dropped = _rows(table, [not permitted for permitted in verdicts])
    column = nw.new_series(REASON, reasons, nw.String(), backend=dropped.implementation)
    if dropped.implementation.is_pandas_like():
        column = nw.maybe_set_index(column, index=nw.maybe_get_index(dropped))
    return (
        cast("Frame", _rows(table, verdicts).to_native()),
        cast("Frame", dropped.with_columns(column).to_native()),
    )


def _verdicts(
    items: Sequence[Item | Reason], index: Index, sender: str, recipient: str, at: Instant
) -> list[bool]:
    """Say of each row whether it may go; rows that say the same are asked once."""
    for party in (sender, recipient):
        _ = index.world.party(party)
    answers: dict[int, bool] = {}
    for item in items:
        if id(item) not in answers:
            answers[id(item)] = (
                isinstance(item, Item)
                and index.ask(
                    Request(item=item, sender=sender, recipient=recipient, at=at)
                ).permitted
            )
    return [answers[id(item)] for item in items]


def _reason(
    item: Item | Reason, index: Index, sender: str, recipient: str, at: Instant
) -> str:
    if isinstance(item, Reason):
        return str(item)
    asked = Request(item=item, sender=sender, recipient=recipient, at=at)
    answer = decide(asked, index.world)
    return str(answer.reason) if isinstance(answer, Denial) else ""


# -- rows as items -------------------------------------------------------------------------


def _table(frame: object) -> Any:
    """Return the frame as narwhals sees it."""
    table = _narwhals().from_native(frame, eager_only=True, pass_through=True)
    if table is frame:
        raise InvalidInput(
            f"`{type(frame).__name__}` is no frame with its rows at hand",
            hint="give a pandas or Polars frame; collect a lazy one first",
            code="no-frame",
        )
    return table


def _rows(table: Any, which: list[bool]) -> Any:
    return table.filter(which) if which else table


def _items(table: Any, marks: Marks) -> list[Item | Reason]:
    """Return each row as an item, the same one for rows that say the same, or why it is none."""
    columns = [_cells(table, name, getattr(marks, name)) for name in _COLUMNS]
    made: dict[tuple[object, ...], Item | Reason] = {}
    return [
        made[key]
        if key in made
        else made.setdefault(key, _item(marks, dict(zip(_COLUMNS, key, strict=True))))
        for key in zip(*columns, strict=True)
    ]


def _cells(table: Any, name: str, where: Where | None) -> list[object]:
    """Return what each row says under a name: words, a time, None for nothing, or a reason."""
    if where is None:
        return [None] * len(table)
    if isinstance(where, Same):
        cells: Sequence[object] = [where.value] * len(table)
    elif where in table.columns:
        cells = table.get_column(where).to_list()
    else:
        raise InvalidInput(
            f"the frame has no column `{where}`",
            hint="its columns: " + ", ".join(f"`{column}`" for column in table.columns),
            code="no-column",
        )
    if name == "made":
        return [_time(cell) for cell in cells]
    return [_words(cell) if name in _LISTS else _word(cell) for cell in cells]


def _nothing(cell: object) -> bool:
    """Say whether a cell says nothing, in the ways of pandas and Polars."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(cell, float):
        return cell != cell  # noqa: PLR0124  NaN alone is not itself
    return isinstance(cell, str) and not cell.strip()


def _word(cell: object) -> str | Reason:
    if isinstance(cell, str) and cell.strip():
        return cell
    return Reason.MISSING_FACT if _nothing(cell) else Reason.UNKNOWN_WORD


def _words(cell: object) -> tuple[str, ...] | Reason:
    if isinstance(cell, str) or _nothing(cell):
        one = _word(cell)
        return one if isinstance(one, Reason) else (one,)
    listed = cell.tolist() if hasattr(cell, "tolist") else cell
    if not isinstance(listed, (list, tuple, set, frozenset)):
        return Reason.UNKNOWN_WORD
    found = [_word(one) for one in listed]
    wrong = next((one for one in found if isinstance(one, Reason)), None)
    return tuple(str(one) for one in found) if wrong is None else wrong


def _time(cell: object) -> int | Reason | None:
    if _nothing(cell):
        return None
    if not isinstance(cell, datetime) or cell.tzinfo is None:
        return Reason.UNKNOWN_WORD  # a time without its zone is nobody's
    return instant_of(cell)


def _item(marks: Marks, said: dict[str, Any]) -> Item | Reason:
    """Return what a row says as an item, or why it is none."""
    if marks.release_to is not None and said["release_to"] is Reason.MISSING_FACT:
        said["release_to"] = ()
    wrong = next((one for one in said.values() if isinstance(one, Reason)), None)
    if wrong is not None:
        return wrong
    try:
        level = Level.parse(said["level"])
    except InvalidInput:
        return Reason.UNKNOWN_WORD
    return Item(
        id=said["item"] or "",
        title="",
        originators=said["originators"],
        label=Label(
            level=level, categories=said["categories"], release_to=said["release_to"]
        ),
        kind=said["kind"],
        purpose=said["purpose"],
        channel=said["channel"],
        made=said["made"],
    )


def _narwhals() -> Any:
    try:
        import narwhals  # noqa: PLC0415  only frames need it
    except ImportError:
        raise NotAtHand(
            "frames need `narwhals`, which is not installed",
            hint='install it with `pip install "comity[frames]"`',
            code="no-narwhals",
        ) from None
    return narwhals
