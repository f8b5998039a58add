"""A list taken into a book, and taken again: nothing silently wrong, lost or written over."""

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.lists import ACME, NORTH, SOUTH, US, empty, entries, made, said, save
from comity.book import Change, load, plan, read_book, read_sheet, write
from comity.book.folder import TABLE, UNREAD, settings_text, table_text
from comity.book.written import text_of
from comity.errors import InvalidInput, Unreadable
from comity.worlds import load_world, read_world

NAME = "acme-ltd-support"


def again(tmp_path, root, *rows, **options):
    done = plan(read_sheet(save(tmp_path, *rows)), read_book(root), **options)
    write(done)
    return done


def files(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_book_is_a_world_that_loads_and_permits_nothing(tmp_path):
    root = made(tmp_path, ACME, NORTH, SOUTH)
    world, findings = read_world(root)
    assert [f for f in findings if f.severity == "error"] == []
    assert [accord.id for accord in world.accords] == sorted(read_book(root).entries)
    assert next(accord.title for accord in world.accords) == "Acme Ltd: Support"
    assert world.categories == world.purposes == frozenset()


def test_the_same_list_again_changes_nothing(tmp_path):
    root = made(tmp_path, ACME, NORTH)
    before = files(root)
    done = again(tmp_path, root, ACME, NORTH)
    assert (done.new, done.changed, done.same, done.files) == ((), (), 2, {})
    assert files(root) == before


def test_a_changed_list_says_what_is_new_what_changed_and_what_it_lacks(tmp_path):
    root = made(tmp_path, ACME, NORTH)
    done = again(tmp_path, root, {**ACME, "Notice": "6 months", "Owner": "B. Berg"}, SOUTH)
    assert done.new == ("rathaus-sud-incidents",)
    assert done.changed == (
        Change(id=NAME, column="notice", old="P3M", new="P6M"),
        Change(id=NAME, column="owner", old="M. Muster", new="B. Berg"),
    )
    assert done.missing == ("university-of-the-north-research-data",)
    assert len(load_world(root).accords) == 3
    assert str(read_book(root).entries[NAME].notice) == "P6M"
    gone = again(tmp_path, root, {**ACME, "Notice": "6 months"}, SOUTH, remove_missing=True)
    assert gone.removed == ("university-of-the-north-research-data",)
    assert len(load_world(root).accords) == 2


def test_an_agreement_is_not_removed_while_a_row_is_not_read(tmp_path):
    root = made(tmp_path, ACME, NORTH)
    done = again(tmp_path, root, ACME, {**NORTH, "Notice": "soon"}, remove_missing=True)
    assert done.removed == ()
    assert done.missing == ("university-of-the-north-research-data",)
    assert len(load_world(root).accords) == 2


def test_rows_that_cannot_be_read_are_kept_with_why_until_they_can(tmp_path):
    root = made(tmp_path, ACME, {**NORTH, "Notice": "soon", "Purpose": "=cmd"})
    with (root / UNREAD).open(encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    assert row["Partner"] == "University of the North"
    assert row["row"] == "3"
    assert "`soon`" in row["why"]
    assert row["Purpose"] == "'=cmd"
    assert list(read_book(root).entries) == [NAME]
    again(tmp_path, root, ACME, NORTH)
    assert not (root / UNREAD).exists()


def test_a_list_that_waits_for_an_answer_writes_nothing(tmp_path):
    done = plan(
        read_sheet(save(tmp_path, {**ACME, "Start": "01/03/2024"})),
        empty(tmp_path / "book"),
    )
    assert said(done) == [(2, "dates-asked")]
    assert done.files == {}


# -- texts that a person has changed -------------------------------------------------------


@pytest.fixture
def by_hand(tmp_path):
    root = made(tmp_path, ACME, NORTH)
    path = root / "accords" / f"{NAME}.accord.md"
    text = (
        path.read_text(encoding="utf-8")
        .replace("P3M", "P4M")
        .replace("3 months", "4 months")
    )
    _ = path.write_text(text, encoding="utf-8")
    return root, path, text


def test_a_text_changed_by_hand_counts_and_is_not_written_over(tmp_path, by_hand):
    root, path, text = by_hand
    done = again(tmp_path, root, {**ACME, "Notice": "6 months"}, NORTH)
    assert said(done) == [(2, "changed-by-hand")]
    assert "`P3M` → `P6M`" in next(f for f in done.findings).message
    assert path.read_text(encoding="utf-8") == text
    assert str(read_book(root).entries[NAME].notice) == "P3M"
    [accord] = [a for a in load(root).accords if a.id == NAME]
    assert "P4M" in str(accord.document)


def test_what_stands_beside_a_text_changes_without_it(tmp_path, by_hand):
    root, path, text = by_hand
    done = again(tmp_path, root, {**ACME, "Owner": "B. Berg"}, NORTH)
    assert [change.column for change in done.changed] == ["owner"]
    assert path.read_text(encoding="utf-8") == text


def test_a_person_may_say_that_the_changed_text_counts(tmp_path, by_hand):
    root, path, text = by_hand
    done = again(tmp_path, root, {**ACME, "Notice": "6 months"}, NORTH, keep_text=[NAME])
    assert [change.column for change in done.changed] == ["notice"]
    assert path.read_text(encoding="utf-8") == text
    assert again(tmp_path, root, {**ACME, "Notice": "6 months"}, NORTH).same == 2


def test_a_text_changed_by_hand_stays_when_its_row_goes(tmp_path, by_hand):
    root, path, _ = by_hand
    done = again(tmp_path, root, NORTH, remove_missing=True)
    assert done.removed == (NAME,)
    assert [f.code for f in done.findings] == ["no-entry"]
    assert path.exists()
    assert not (root / "instruments" / f"{NAME}.toml").exists()


def test_a_file_that_stands_there_already_is_not_taken_for_a_new_rows(tmp_path, by_hand):
    root, _, _ = by_hand
    stray = root / "accords" / "rathaus-sud-incidents.accord.md"
    _ = stray.write_text("mine\n", encoding="utf-8")
    done = plan(read_sheet(save(tmp_path, ACME, NORTH, SOUTH)), read_book(root))
    assert said(done) == [(4, "changed-by-hand")]
    assert stray not in done.files


def test_a_world_file_changed_by_hand_keeps_its_changes_and_gets_the_new_parties(tmp_path):
    root = made(tmp_path, ACME)
    head = root / "world.toml"
    text = head.read_text(encoding="utf-8").replace(
        "purposes = []", 'purposes = ["research"]'
    )
    _ = head.write_text(text, encoding="utf-8")
    again(tmp_path, root, ACME, NORTH)
    assert head.read_text(encoding="utf-8").startswith(text)
    world = load_world(root)
    assert world.purposes == {"research"}
    assert "university-of-the-north" in world.parties


def test_an_import_that_broke_off_is_done_again(tmp_path):
    root = made(tmp_path, ACME)
    done = plan(
        read_sheet(save(tmp_path, {**ACME, "Notice": "6 months"}, NORTH)), read_book(root)
    )
    half = [path for path in done.files if path.name != TABLE][:3]
    write(replace(done, files={path: done.files[path] for path in half}))
    after = plan(read_sheet(tmp_path / "list.csv"), read_book(root))
    assert said(after) == []
    write(after)
    assert len(load(root).accords) == 2
    assert plan(read_sheet(tmp_path / "list.csv"), read_book(root)).files == {}


# -- documents -----------------------------------------------------------------------------


@pytest.fixture
def attached(tmp_path):
    _ = (tmp_path / "acme.pdf").write_bytes(b"the agreement")
    root = made(tmp_path, {**ACME, "File": "acme.pdf"})
    return root, tmp_path / "acme.pdf"


def test_a_document_is_kept_by_its_place_from_the_book_and_its_digest(attached):
    root, path = attached
    entry = read_book(root).entries[NAME]
    assert (root / entry.file).resolve() == path.resolve()
    assert entry.sha256.startswith("sha256:")
    assert len(entry.sha256) == 71


def test_a_document_that_changed_is_not_attached_again_in_silence(tmp_path, attached):
    root, path = attached
    before = read_book(root).entries[NAME]
    _ = path.write_bytes(b"another agreement")
    done = again(tmp_path, root, {**ACME, "File": "acme.pdf"})
    assert said(done) == [(2, "attachment-changed")]
    assert read_book(root).entries[NAME] == before


def test_a_document_that_is_not_there_is_said_and_its_digest_stays(tmp_path, attached):
    root, path = attached
    before = read_book(root).entries[NAME].sha256
    path.unlink()
    done = again(tmp_path, root, {**ACME, "File": read_book(root).entries[NAME].file})
    assert [f.code for f in done.findings] == ["no-attachment"]
    assert read_book(root).entries[NAME].sha256 == before


# -- properties ----------------------------------------------------------------------------


@given(st.lists(entries(), min_size=1, max_size=4, unique_by=lambda entry: entry.id))
def test_a_book_exported_and_imported_is_the_same_book(tmp_path_factory, found):
    here = tmp_path_factory.mktemp("book")
    path = here / "export.csv"
    _ = path.write_text(table_text(found), encoding="utf-8")
    write(plan(read_sheet(path), empty(here / "book")))
    assert (here / "book" / TABLE).read_text(encoding="utf-8") == table_text(found)
    quick, plain = load(here / "book"), load_world(here / "book")
    assert quick.accords == plain.accords
    assert quick.instruments == plain.instruments
    assert quick.parties == plain.parties
    assert [str(a.document) for a in quick.accords] == [
        text_of(entry, US) for entry in sorted(found, key=lambda entry: entry.id)
    ]


def test_the_settings_of_a_book_read_back_as_they_were(tmp_path):
    settings = replace(
        US,
        us='The "Agency" \\ Our',
        blank_end_is_indefinite=True,
        columns=(("Wert", "ignore"), ('A "b"', "partner")),
    )
    _ = (tmp_path / "book.toml").write_text(settings_text(settings), encoding="utf-8")
    _ = (tmp_path / TABLE).write_text(table_text([]), encoding="utf-8")
    assert read_book(tmp_path).settings == settings


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    blocked = tmp_path / "book"
    _ = blocked.write_text("a file", encoding="utf-8")
    done = plan(read_sheet(save(tmp_path, ACME)), empty(blocked))
    with pytest.raises(InvalidInput, match="cannot be written"):
        write(done)


# -- what is known of a file is what reading it would say ----------------------------------


def test_an_act_that_another_file_has_as_well_is_found_in_a_book_too(tmp_path):
    root = made(tmp_path, ACME, NORTH)
    act = (root / "instruments" / f"{NAME}.toml").read_text(encoding="utf-8")
    _ = (root / "instruments" / "more.toml").write_text(act, encoding="utf-8")
    for read in (load, load_world):
        with pytest.raises(Unreadable) as refused:
            _ = read(root)
        assert [f.code for f in refused.value.findings] == ["id-twice"]


def test_an_act_is_on_the_day_of_its_accords_zone_where_a_person_changed_that(tmp_path):
    root = made(tmp_path, ACME, NORTH)
    path = root / "accords" / f"{NAME}.accord.md"
    text = path.read_text(encoding="utf-8").replace("Europe/Vienna", "Asia/Seoul")
    _ = path.write_text(text, encoding="utf-8")
    assert load(root).instruments == load_world(root).instruments
