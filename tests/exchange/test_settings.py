import pytest

from comity.errors import NotKnown, Unreadable
from comity.exchange.settings import NAME, Settings, host_and_port, read_settings

GOOD = Settings(
    party="north", world="../world", listen="0.0.0.0:8470", own="127.0.0.1:8471", officers=2
)


def test_what_is_written_is_read_again(tmp_path):
    (tmp_path / NAME).write_text(GOOD.text())
    assert read_settings(tmp_path) == GOOD


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('party = "north"\n', "", "missing-key", 1),
        ('party = "north"', "party = 1", "wrong-kind", 2),
        ("officers = 2", "officers = true", "wrong-kind", 6),
        ("officers = 2", "officers = 2\nclock = 5", "unknown-key", 7),
        ("comity-node/1", "comity-node/2", "bad-format", 1),
        ("127.0.0.1:8471", "0.0.0.0:8471", "not-loopback", 5),
        ("127.0.0.1:8471", "127.0.0.1", "bad-address", 5),
        ("0.0.0.0:8470", "0.0.0.0:99999", "bad-address", 4),
        ("party =", "party", "bad-toml", 1),
    ],
)
def test_what_is_wrong_is_found_with_its_line(tmp_path, old, new, code, line):
    assert old in GOOD.text()
    (tmp_path / NAME).write_text(GOOD.text().replace(old, new))
    with pytest.raises(Unreadable) as error:
        read_settings(tmp_path)
    assert [(f.code, f.line) for f in error.value.findings] == [(code, line)]


def test_every_finding_comes_at_once(tmp_path):
    (tmp_path / NAME).write_text("x = 1\ny = 2\n")
    with pytest.raises(Unreadable) as error:
        read_settings(tmp_path)
    assert len(error.value.findings) == 7


def test_a_folder_that_is_no_nodes_is_said_to_be_none(tmp_path):
    with pytest.raises(NotKnown, match="no node's folder"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:8471", ("127.0.0.1", 8471)),
        ("[::1]:1", ("::1", 1)),
        ("node.example:65535", ("node.example", 65535)),
        ("node.example:65536", None),
        (":1", None),
        ("a b:1", None),
        ("http://a:1", None),
    ],
)
def test_a_host_and_a_port_are_told_apart(text, found):
    assert host_and_port(text) == found
