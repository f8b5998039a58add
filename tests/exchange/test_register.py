"""Every copy has a number, a holder and a history; whatever changes it has a name and a leaf."""

from __future__ import annotations

import pytest

from comity.accords.times import parse_instant
from comity.errors import InvalidInput, NotKnown
from exchange.nodes import Clock, node

ACCORD = "jp-rok-gsomia"
NOW = parse_instant("2019-11-22T12:00:00+09:00")


@pytest.fixture
def site():
    """A node with one item that arrived: copy 1/1."""
    one = node("jp", Clock(NOW))
    with one.database.transaction():
        assert enter(one) == 1
    return one


def enter(one, n=None, item="report", partner="kr"):
    return one.register.enter(n, item, ACCORD, partner, NOW)


def events(one, serial, copy):
    row = one.database.one("copy", (serial, copy))
    return [
        (row["what"], row["who"])
        for row in one.database.all("register_events", (row["n"],))
    ]


def leaves(one):
    origin, size = one.custody.next_index(ACCORD)
    assert origin
    return [one.custody.leaf(ACCORD, n).entry for n in range(size)]


def test_what_arrives_is_entered_and_held_by_nobody(site):
    (copy,) = site.register.copies()
    assert (copy.serial, copy.copy, copy.state, copy.holder) == (1, 1, "entered", "")
    assert copy.acknowledged == ""


def test_a_copy_is_handed_on_with_both_names(site):
    with site.database.transaction():
        copy = site.register.hand(1, 1, "Captain Oda", "room 4", "Registrar Sato")
    assert (copy.state, copy.holder, copy.place) == ("held", "Captain Oda", "room 4")
    assert events(site, 1, 1) == [("entered", ""), ("handed", "Registrar Sato")]
    assert b'"what":"handed"' in leaves(site)[-1]


def test_a_further_copy_has_the_next_number_and_a_leaf(site):
    with site.database.transaction():
        second = site.register.duplicate(1, "Registrar Sato", "Captain Oda", "room 4")
        third = site.register.duplicate(1, "Registrar Sato", "Major Abe", "room 5")
    assert [(one.serial, one.copy) for one in (second, third)] == [(1, 2), (1, 3)]
    assert (third.holder, third.state) == ("Major Abe", "held")
    assert [b'"what":"copied"' in leaf for leaf in leaves(site)] == [True, True]


def test_a_copy_of_an_item_that_came_twice_is_of_its_own_serial(site):
    with site.database.transaction():
        assert enter(site, partner="us") == 2
        made = site.register.duplicate(1, "Registrar Sato", "Captain Oda", "room 4")
    assert (made.serial, made.copy, made.partner) == (1, 2, "kr")


def test_of_what_has_ended_there_is_no_further_copy(site):
    with site.database.transaction():
        site.register.end(1, 1, "destroyed", "Registrar Sato", "certificate 7")
        with pytest.raises(NotKnown):
            site.register.duplicate(1, "Registrar Sato", "Captain Oda", "room 4")


@pytest.mark.parametrize(
    "change",
    [
        lambda register: register.hand(1, 1, "Captain Oda", "room 4", " "),
        lambda register: register.duplicate(1, "", "Captain Oda", "room 4"),
        lambda register: register.end(1, 1, "destroyed", "", "certificate 7"),
        lambda register: register.muster([(1, 1)], ""),
    ],
    ids=["hand", "duplicate", "end", "muster"],
)
def test_nothing_is_changed_by_nobody(site, change):
    with pytest.raises(InvalidInput, match="who does it"), site.database.transaction():
        change(site.register)
    assert [(one.copy, one.state) for one in site.register.copies()] == [(1, "entered")]


def test_a_muster_names_what_should_be_here_and_was_not_seen(site):
    with site.database.transaction():
        site.register.duplicate(1, "Registrar Sato", "Captain Oda", "room 4")
        site.register.duplicate(1, "Registrar Sato", "Major Abe", "room 5")
        site.register.end(1, 3, "returned", "Registrar Sato", "note 9")
        missing = site.register.muster([(1, 1)], "Inspector Mori")
    assert [(one.serial, one.copy) for one in missing] == [(1, 2)]
    assert [one.mustered for one in site.register.copies()] == [NOW, None, None]


def test_what_is_not_here_cannot_have_been_seen(site):
    with site.database.transaction():
        with pytest.raises(NotKnown):
            site.register.muster([(9, 1)], "Inspector Mori")
        site.register.end(1, 1, "destroyed", "Registrar Sato", "certificate 7")
        with pytest.raises(InvalidInput, match="was destroyed"):
            site.register.muster([(1, 1)], "Inspector Mori")


def test_a_copy_ends_once_with_its_certificate(site):
    with site.database.transaction():
        ended = site.register.end(1, 1, "destroyed", "Registrar Sato", "certificate 7")
        assert (ended.state, ended.certificate, ended.ended) == (
            "destroyed",
            "certificate 7",
            NOW,
        )
        with pytest.raises(InvalidInput, match="was destroyed"):
            site.register.end(1, 1, "returned", "Registrar Sato", "note 9")
        with pytest.raises(InvalidInput, match="was destroyed"):
            site.register.hand(1, 1, "Captain Oda", "room 4", "Registrar Sato")


def test_a_copy_ends_in_no_other_way(site):
    with pytest.raises(InvalidInput, match="does not end as `burnt`"):
        site.register.end(1, 1, "burnt", "Registrar Sato", "certificate 7")


def test_what_did_not_arrive_is_not_acknowledged(site):
    with pytest.raises(NotKnown), site.database.transaction():
        site.register.acknowledge(7, "Registrar Sato", "")
