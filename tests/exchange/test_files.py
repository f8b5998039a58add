"""Private files are whole or not there, and nobody else's to read."""

from __future__ import annotations

import os
import stat

import pytest

from comity.errors import InvalidInput, NotKnown
from comity.exchange import files
from signed.keys import random_of


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def an_open_umask():
    old = os.umask(0)
    yield
    os.umask(old)


@pytest.mark.parametrize("write", [files.create_private, files.replace_private])
def test_what_is_written_is_its_owners_alone(write, tmp_path):
    write(tmp_path / "keys", b"secret")
    assert mode(tmp_path / "keys") == 0o600
    assert files.read_private(tmp_path / "keys", 10) == b"secret"
    assert [p.name for p in tmp_path.iterdir()] == ["keys"]


def test_a_file_that_is_there_is_not_written_over_by_a_new_one(tmp_path):
    files.create_private(tmp_path / "keys", b"first")
    with pytest.raises(InvalidInput) as caught:
        files.create_private(tmp_path / "keys", b"second")
    assert caught.value.code == "file-exists"
    assert (tmp_path / "keys").read_bytes() == b"first"
    assert [p.name for p in tmp_path.iterdir()] == ["keys"]


def test_a_file_takes_the_place_of_another_and_its_mode_is_private_again(tmp_path):
    (tmp_path / "keys").write_bytes(b"first")
    files.replace_private(tmp_path / "keys", b"second")
    assert (tmp_path / "keys").read_bytes() == b"second"
    assert mode(tmp_path / "keys") == 0o600


def test_what_a_crash_left_half_written_is_in_nobodys_way(tmp_path):
    (tmp_path / ".keys.new").write_bytes(b"half")
    files.replace_private(tmp_path / "keys", b"whole")
    assert [p.name for p in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_the_old_file(step, tmp_path, monkeypatch):
    files.replace_private(tmp_path / "keys", b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    target = os if step == "fsync" else type(tmp_path)
    monkeypatch.setattr(target, step, fail)
    with pytest.raises(OSError, match="No space"):
        files.replace_private(tmp_path / "keys", b"new")
    assert (tmp_path / "keys").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["keys"]


def test_the_bytes_are_on_the_disk_before_the_name_and_the_name_before_it_returns(
    tmp_path, monkeypatch
):
    steps = []
    fsync, replace = os.fsync, type(tmp_path).replace

    def noted(handle):
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        steps.append("folder" if is_folder else "file")
        fsync(handle)

    def named(self, target):
        steps.append("name")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(type(tmp_path), "replace", named)
    files.replace_private(tmp_path / "keys", b"new")
    assert steps == ["file", "name", "folder"]


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_file_that_others_may_read_is_refused(bits, tmp_path):
    (tmp_path / "keys").write_bytes(b"x")
    (tmp_path / "keys").chmod(bits)
    with pytest.raises(InvalidInput, match="others on this machine") as caught:
        files.read_private(tmp_path / "keys", 10)
    assert caught.value.code == "keys-readable"


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "keys").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "keys")
    (tmp_path / "folder").mkdir(0o700)
    for name in ("link", "folder"):
        with pytest.raises(InvalidInput) as caught:
            files.read_private(tmp_path / name, 10)
        assert caught.value.code == "no-plain-file"
    with pytest.raises(NotKnown) as caught:
        files.read_private(tmp_path / "nothing", 10)
    assert caught.value.code == "no-file"


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    files.create_private(tmp_path / "keys", b"x" * 11)
    with pytest.raises(InvalidInput) as caught:
        files.read_private(tmp_path / "keys", 10)
    assert caught.value.code == "bad-secrets"


def test_a_destroyed_file_is_written_over_before_it_is_gone(tmp_path):
    """A second name for the same bytes shows what became of them."""
    secret = bytes(range(256)) * 40
    files.create_private(tmp_path / "keys", secret)
    (tmp_path / "other").hardlink_to(tmp_path / "keys")
    assert files.destroy(tmp_path / "keys", random_of(1))
    assert not (tmp_path / "keys").exists()
    left = (tmp_path / "other").read_bytes()
    assert len(left) == len(secret)
    assert all(secret[n : n + 8] not in left for n in range(0, 256, 8))
    assert not files.destroy(tmp_path / "keys", random_of(1))
