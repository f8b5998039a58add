"""An entry's accord is the one that its text says, and the text is in order."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.lists import US, entries
from comity.accords import Clock, check, read_accord
from comity.accords import clauses as c
from comity.accords.accord import Law
from comity.accords.instruments import InstrumentTable
from comity.accords.text import Unread, canonical, read_document
from comity.accords.times import Zone, parse_instant
from comity.book.entry import By, Entry, Notice, Period, Renews, Settings
from comity.book.written import (
    accord_of,
    act_of,
    acts_text,
    text_of,
    world_text,
)
from comity.worlds.reader import FileReader
from comity.worlds.tables import InstrumentsHead, PartyTable, WorldHead

PATH = Path("accords/x.accord.md")
BOOKS = st.builds(
    Settings,
    us=st.just("Our Agency"),
    zone=st.sampled_from(["Europe/Vienna", "Asia/Seoul", "Etc/UTC"]).map(Zone.parse),
    law=st.sampled_from([Law.CONTRACT, Law.VCLT, Law.POLITICAL]),
)


class _Held(FileReader):
    """Reads one text, whatever the path."""

    def __init__(self, root, text):
        super().__init__(root)
        self.text = text

    def bytes(self, path):  # noqa: ARG002
        return self.text.encode()


@given(entries(), BOOKS)
def test_an_entrys_accord_is_the_one_that_reading_its_text_gives(entry, book):
    raw = text_of(entry, book).encode()
    read, findings = read_accord(raw, str(PATH))
    made = accord_of(entry, book, raw, PATH)
    assert findings == []
    assert made == read
    assert (made.id, made.title, made.front, made.where) == (
        read.id, read.title, read.front, read.where,
    )  # fmt: skip
    assert [clause.line for clause in made.clauses] == [
        clause.line for clause in read.clauses
    ]
    assert made.document.articles == read.document.articles
    assert made.document.front == read.document.front
    assert made.document.text_digest == read.document.text_digest
    assert [made.place(clause.cites) for clause in made.clauses] == [
        read.place(clause.cites) for clause in read.clauses
    ]


@given(entries(), BOOKS)
def test_an_entrys_text_checks_without_an_error_and_is_canonical(entry, book):
    raw = text_of(entry, book).encode()
    accord, _ = read_accord(raw)
    assert [f for f in check(accord) if f.severity == "error"] == []
    assert canonical(raw) == (raw, [])


@given(entries(), BOOKS)
def test_an_entrys_act_is_the_one_that_reading_its_file_gives(entry, book):
    text = acts_text(entry, book)
    path = Path("instruments/x.toml")
    made = act_of(entry, book, text.encode(), path)
    reader = _Held(Path(), text)
    head, rows = reader.read(path, InstrumentsHead, {"instrument": InstrumentTable})
    assert reader.findings == []
    [(_, _, row)] = rows
    assert made == row.instrument(head.accord, book.zone, str(path))


@given(entries(), BOOKS, st.integers(0), st.sampled_from(["", "x", "\n", "é"]))
def test_other_bytes_are_never_taken_for_an_entrys_text(entry, book, place, more):
    raw = text_of(entry, book).encode()
    cut = place % len(raw)
    other = raw[:cut] + more.encode() + raw[cut + 1 :]
    assert (accord_of(entry, book, other, PATH) is None) is (other != raw)


@given(st.lists(entries(), max_size=4), BOOKS)
def test_a_books_world_names_every_party_once_and_no_word_that_items_could_use(found, book):
    reader = _Held(Path(), world_text(found, book))
    head, rows = reader.read(Path("world.toml"), WorldHead, {"party": PartyTable})
    assert reader.findings == []
    assert (head.categories, head.purposes, head.kinds, head.channels) == ((), (), (), ())
    names = {name for entry in found for name in entry.partners}
    assert {row.name for _, _, row in rows} <= {"Our Agency", *names}


def test_a_text_that_nobody_has_asked_for_is_read_when_somebody_does():
    entry = Entry(id="x", partners=("Acme",), indefinite=True, start=date(2024, 3, 1))
    raw = text_of(entry, US).encode()
    found = Unread(raw)
    assert found.digest == read_document(raw).digest
    assert str(found) == raw.decode()
    assert [a.number for a in found.articles] == ["", "1", "2", "3"]
    with pytest.raises(AttributeError):
        _ = found.nothing


START = parse_instant("2024-03-01T00:00:00+01:00")


def _clock(**others):
    entry = Entry(
        id="x", partners=("Acme",), start=Zone("Europe/Vienna").day_of(START), **others
    )
    accord = accord_of(entry, US, text_of(entry, US).encode(), PATH)
    act = act_of(entry, US, acts_text(entry, US).encode(), PATH)
    return Clock(accord, [act])


def _day(text):
    return Zone("Europe/Vienna").day_of(parse_instant(f"{text}T12:00:00+01:00"))


@pytest.mark.parametrize(
    ("others", "at", "standing"),
    [
        ({"indefinite": True}, "2024-02-29T23:59:59+01:00", "signed"),
        ({"indefinite": True}, "2024-03-01T00:00:00+01:00", "in_force"),
        ({"end": _day("2025-02-28")}, "2025-02-28T23:59:59+01:00", "in_force"),
        ({"end": _day("2025-02-28")}, "2025-03-01T00:00:00+01:00", "ended"),
        ({"term": Period.parse("P1Y")}, "2025-02-28T23:59:59+01:00", "in_force"),
        ({"term": Period.parse("P1Y")}, "2025-03-01T00:00:00+01:00", "ended"),
        (
            {
                "end": _day("2025-02-28"),
                "renewal": Renews(by=By.SILENCE, for_=Period.parse("P1Y")),
            },
            "2031-01-01T00:00:00+01:00",
            "in_force",
        ),
        (
            {
                "end": _day("2025-02-28"),
                "renewal": Renews(by=By.AGREEMENT, for_=Period.parse("P1Y")),
            },
            "2025-03-01T00:00:00+01:00",
            "ended",
        ),
    ],
)
def test_the_clock_of_an_entry_follows_its_days_to_the_second(others, at, standing):
    assert str(_clock(**others).standing(parse_instant(at)).status) == standing


def test_a_notice_counts_to_the_end_of_a_period_only_where_there_is_another():
    notice = Notice(for_=Period.parse("P3M"))
    renewed = Renews(by=By.SILENCE, for_=Period.parse("P1Y"))
    end = _day("2025-02-28")
    for others, effect in (
        ({"end": end, "renewal": renewed}, c.Effect.END_OF_PERIOD),
        ({"end": end}, c.Effect.AFTER_LENGTH),
        ({"indefinite": True}, c.Effect.AFTER_LENGTH),
    ):
        accord = _clock(notice=notice, **others).accord
        assert accord.one(c.Exit).takes_effect is effect
    assert _clock(indefinite=True).accord.one(c.Exit) is None
