import ast
import importlib
import re
import tomllib

import pytest

from make import ROOT

SOURCE = ROOT / "src" / "comity"
CORE = [
    p
    for room in ("labels", "accords", "talks", "release", "signed", "log", "wire")
    for p in sorted((SOURCE / room).glob("*.py"))
]
ROOMS = [p.parent for p in sorted(SOURCE.glob("*/__init__.py"))]


@pytest.mark.parametrize("path", CORE, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_core_reads_no_clock(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(now|today|utcnow|time\.time|monotonic)\(", text)


@pytest.mark.parametrize("path", CORE, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_core_opens_no_file_and_prints_nothing(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not called & {"open", "print", "input", "eval", "exec", "__import__"}


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: p.name)
def test_a_room_says_one_sentence_and_shows_only_its_door(room):
    name = f"comity.{room.name}"
    module = importlib.import_module(name)
    assert module.__doc__
    assert len(module.__doc__.strip().split("\n")) == 1
    tree = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        (alias.asname or alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }
    assert set(getattr(module, "__all__", ())) == imported
    assert list(getattr(module, "__all__", ())) == sorted(
        getattr(module, "__all__", ()),
        key=lambda n: (not n.isupper(), not n[0].isupper(), n),
    )


@pytest.mark.parametrize(
    "path", sorted(SOURCE.rglob("*.py")), ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_every_file_begins_by_saying_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_public_function_and_class_of_the_core_says_what_one_may_rely_on():
    silent = [
        f"{path.name}:{node.name}"
        for path in CORE
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_runtime_dependency_has_its_reason_in_the_docs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for line in project["project"]["dependencies"]:
        name = re.split(r"[<>=]", line)[0]
        assert name in page


def test_the_locks_have_hashes_and_no_addresses():
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "index" not in text


def test_the_demonstration_and_the_tests_name_no_path_of_a_machine():
    for path in (
        p
        for folder in ("src", "demo", "tools", "docs", "worlds")
        for p in (ROOT / folder).rglob("*")
        if p.is_file()
    ):
        if path.suffix in (".py", ".md", ".toml", ".txt"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"/(work|home|root)/[a-z]", text), path
