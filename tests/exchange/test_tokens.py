import os

import pytest

from comity.errors import InvalidInput, NotKnown
from comity.exchange.routes import Scope
from comity.exchange.tokens import Tokens


def test_a_token_is_known_by_its_secret_and_only_its_hash_is_kept(tmp_path):
    tokens = Tokens(tmp_path / "tokens.toml")
    secret = tokens.give("desk-1", [Scope.DESK, Scope.OFFICER], os.urandom)
    found = tokens.of(secret)
    assert found is not None
    assert (found.name, found.scopes) == ("desk-1", frozenset({Scope.DESK, Scope.OFFICER}))
    assert secret not in (tmp_path / "tokens.toml").read_text()
    assert (tmp_path / "tokens.toml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("secret", ["", "comity_", "x" * 100])
def test_what_was_not_given_out_opens_nothing(tmp_path, secret):
    tokens = Tokens(tmp_path / "tokens.toml")
    tokens.give("desk-1", [Scope.DESK], os.urandom)
    assert tokens.of(secret) is None


def test_another_process_gives_out_and_takes_back_without_a_restart(tmp_path):
    running, other = Tokens(tmp_path / "tokens.toml"), Tokens(tmp_path / "tokens.toml")
    first = running.give("one", [Scope.DESK], os.urandom)
    second = other.give("two", [Scope.DESK], os.urandom)
    assert running.of(second) is not None
    other.take_back("one")
    assert running.of(first) is None
    other.take_back("two")
    assert running.all() == ()


@pytest.mark.parametrize(
    "name", ["", "Desk", "a b", "a" * 41, "desk-1", "1a", 'x"\n[[token]]']
)
def test_a_name_of_another_form_or_one_that_is_taken_is_refused(tmp_path, name):
    tokens = Tokens(tmp_path / "tokens.toml")
    tokens.give("desk-1", [Scope.DESK], os.urandom)
    with pytest.raises(InvalidInput):
        tokens.give(name, [Scope.DESK], os.urandom)


def test_a_token_for_nothing_is_refused(tmp_path):
    with pytest.raises(InvalidInput):
        Tokens(tmp_path / "tokens.toml").give("one", [], os.urandom)


def test_a_token_that_is_not_there_cannot_be_taken_back(tmp_path):
    with pytest.raises(NotKnown):
        Tokens(tmp_path / "tokens.toml").take_back("one")


@pytest.mark.parametrize("raw", ["[[token", "token = 1", "[[token]]\nname = 'x'", "x = 1"])
def test_a_file_that_is_none_opens_nothing_and_says_so(tmp_path, raw):
    path = tmp_path / "tokens.toml"
    path.write_text(raw)
    with pytest.raises(InvalidInput, match="no file of tokens"):
        Tokens(path).of("x")
