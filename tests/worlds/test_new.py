import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords import check, load_accord
from comity.accords.text import canonical
from comity.errors import InvalidInput, Severity
from comity.release.rows import run
from comity.worlds import load_rows, load_world, write_skeleton
from comity.worlds.new import NAME_MAX


@pytest.mark.parametrize("name", ["a", "north-south", "a1-b2", "x" * NAME_MAX])
def test_a_new_world_loads_and_its_tests_pass(tmp_path, name):
    root = write_skeleton(tmp_path, name)
    world = load_world(root)
    assert (world.id, [a.id for a in world.accords]) == (name, [name])
    accord = load_accord((root / f"accords/{name}.accord.md").read_bytes())
    rows = load_rows(root / f"accords/{name}.tests.toml", accord)
    assert rows.about == accord.digest
    assert run(rows, accord) == ()
    assert [f for f in check(accord) if f.severity is Severity.ERROR] == []


def test_a_new_accord_is_in_canonical_form(tmp_path):
    raw = (write_skeleton(tmp_path, "x") / "accords/x.accord.md").read_bytes()
    assert canonical(raw) == (raw, [])


def test_no_name_of_the_template_is_left_over(tmp_path):
    for path in write_skeleton(tmp_path, "x").rglob("*"):
        if path.is_file():
            assert "NAME" not in path.read_text("utf-8")
            assert "DIGEST" not in path.read_text("utf-8")


@pytest.mark.parametrize(
    "name",
    ["", " ", "A", "North", "a b", "a/b", "../a", "a.b", "-a", "a-", "a--b", "1a", "é", "a\n",
     "a\0", "x" * (NAME_MAX + 1), "a_b"],
    ids=ascii,
)  # fmt: skip
def test_a_name_that_cannot_be_an_id_writes_nothing(tmp_path, name):
    with pytest.raises(InvalidInput) as error:
        _ = write_skeleton(tmp_path, name)
    assert error.value.code == "bad-name"
    assert list(tmp_path.iterdir()) == []


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_name_is_an_id_or_is_refused(tmp_path_factory, name):
    parent = tmp_path_factory.mktemp("new")
    try:
        root = write_skeleton(parent, name)
    except InvalidInput:
        assert list(parent.iterdir()) == []
    else:
        assert load_world(root).id == name


@pytest.mark.parametrize("how", ["folder", "file", "link"])
def test_what_stands_there_already_is_left_alone(tmp_path, how):
    path = tmp_path / "x"
    match how:
        case "folder":
            path.mkdir()
        case "file":
            _ = path.write_text("mine")
        case "link":
            path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InvalidInput) as error:
        _ = write_skeleton(tmp_path, "x")
    assert error.value.code == "exists"
    assert not (tmp_path / "nowhere").exists()
    assert not path.is_dir() or list(path.iterdir()) == []
    assert how != "file" or path.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    parent = tmp_path / "file"
    _ = parent.write_text("x")
    with pytest.raises(InvalidInput) as error:
        _ = write_skeleton(parent, "x")
    assert error.value.code == "cannot-write"
    assert error.value.hint
