"""The code agrees with an oracle that was written from the pages alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from oracle.boundary import prepare, requests
from oracle.compare import CASES, WORLDS, Case, compare
from oracle.reads import NotCovered, read_world

SAMPLE = 1500
LEAST_SHARE = 0.1
"""Of permits: a sample that is denied throughout would show little."""


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_code_and_the_oracle_agree_on_a_sample(case: Case, tmp_path: Path) -> None:
    counts, differences = compare(case, tmp_path, SAMPLE // case.share)
    assert not differences, differences[:3]
    assert counts["permit"] > LEAST_SHARE * SAMPLE // case.share


def test_the_requests_are_different_and_the_same_each_time(tmp_path: Path) -> None:
    told = prepare(WORLDS / "gsomia", tmp_path / "one")
    first = requests(tmp_path / "one", told, 200, seed=1)
    again = requests(tmp_path / "one", told, 200, seed=1)
    assert first == again
    assert len({str(request) for request in first}) == 200


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("world.toml", 'id = "gsomia"', 'id = "gsomia"\nmood = "good"'),
        ("instruments/us-jp-2007.toml", 'do = "sign"', 'do = "extend"'),
        ("instruments/us-jp-2007.toml", 'dated = "2007', 'colour = "2007'),
        ("accords/us-jp-2007.accord.md", "[entry]", "[provisional]"),
        ("accords/us-jp-2007.accord.md", "allowed = ", "refused = "),
        (
            "items/synthetic.toml",
            'kind = "oral"',
            'kind = "oral"\nworth = "much"',
        ),
    ],
)
def test_the_oracle_refuses_what_it_does_not_know(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    prepare(WORLDS / "gsomia", tmp_path / "one")
    path = tmp_path / "one" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(NotCovered):
        read_world(tmp_path / "one")


def test_the_oracle_uses_nothing_of_the_code_under_test() -> None:
    for name in ("reads", "stands", "plain", "boundary"):
        source = (Path(__file__).parent / f"{name}.py").read_text("utf-8")
        assert "import comity" not in source
        assert "from comity" not in source
