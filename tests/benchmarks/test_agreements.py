"""The benchmark of a book imports every row, and compares the two worlds that it loads."""

from dataclasses import replace

import pytest

from agreements import main, rows
from comity.worlds import load_world


def test_a_list_of_a_size_is_the_same_each_time():
    assert rows(20) == rows(20)
    assert rows(20) != rows(21)[:20]


def test_every_figure_is_printed(tmp_path, capsys):
    main(30, tmp_path)
    printed = capsys.readouterr().out
    for name in ("loaded as a book", "loaded as a plain world", "the dates of 90 days"):
        assert name in printed


def test_two_worlds_that_differ_end_the_run(tmp_path, monkeypatch):
    def less(root):
        world = load_world(root)
        return replace(world, instruments=world.instruments[1:])

    monkeypatch.setattr("agreements.load_world", less)
    with pytest.raises(SystemExit, match="not the same"):
        main(30, tmp_path)
