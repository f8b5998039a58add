"""What a node is told of itself: the file `node.toml` in its folder."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from comity.errors import Finding, NotKnown, Unreadable

FORMAT = "comity-node/1"
NAME = "node.toml"

_HOST_PORT = re.compile(r"(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):(\d{1,5})")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `node.toml` says.

    Attributes:
        party: whose node it is.
        world: the folder of its world, from the node's folder.
        listen: where partners connect to, as ``host:port``.
        own: where persons and programs of this party do; on loopback.
        officers: how many officers approve each sending; 0 for none.
    """

    party: str
    world: str
    listen: str
    own: str
    officers: int = 0

    def text(self) -> str:
        """Return the file."""
        said = {
            "format": FORMAT,
            "party": self.party,
            "world": self.world,
            "listen": self.listen,
            "own": self.own,
            "officers": self.officers,
        }
        return "".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
            for key, value in said.items()
        )


def host_and_port(text: str) -> tuple[str, int] | None:
    """Return the two halves of ``host:port``; None where it is none."""
    found = _HOST_PORT.fullmatch(text)
    if found is None or int(found[2]) > 65535:
        return None
    return found[1].strip("[]"), int(found[2])


def read_settings(folder: Path) -> Settings:
    """Return what the `node.toml` of a folder says.

    Raises:
        NotKnown: the folder has none.
        Unreadable: with every finding.
    """
    path = folder / NAME
    try:
        raw = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NotKnown(
            f"`{folder}` is no node's folder: it has no `{NAME}`",
            hint="give the folder that `comity init` made, by `--node` or as COMITY_NODE",
            code="no-node-folder",
        ) from None
    except UnicodeDecodeError:
        raise Unreadable([_find(path, 1, "not-utf-8", "the file is not UTF-8")]) from None
    try:
        said = tomllib.loads(raw)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable([_find(path, 1, "bad-toml", str(error).lower())]) from None
    findings = list(_wrong(path, raw, said))
    if findings:
        raise Unreadable(findings)
    said.pop("format")
    return Settings(**said)


def _wrong(path: Path, raw: str, said: dict[str, object]) -> list[Finding]:
    found = []
    kinds: dict[str, type] = {
        "format": str,
        "party": str,
        "world": str,
        "listen": str,
        "own": str,
        "officers": int,
    }
    found += [
        _find(path, _line(raw, key), "unknown-key", f"`{key}` is no key of a node")
        for key in said
        if key not in kinds
    ]
    for key, kind in kinds.items():
        value = said.get(key)
        if value is None and key == "officers":
            continue
        if value is None:
            found.append(_find(path, 1, "missing-key", f"`{key}` is missing"))
        elif type(value) is not kind:
            message = f"`{key}` is no {'number' if kind is int else 'text'}"
            found.append(_find(path, _line(raw, key), "wrong-kind", message))
    if found:
        return found
    if said["format"] != FORMAT:
        found.append(
            _find(path, _line(raw, "format"), "bad-format", f"the format is no `{FORMAT}`")
        )
    for key in ("listen", "own"):
        place = host_and_port(str(said[key]))
        if place is None:
            message = f"`{key}` is no `host:port`"
            found.append(_find(path, _line(raw, key), "bad-address", message))
        elif key == "own" and place[0] not in _LOOPBACK:
            found.append(
                _find(
                    path, _line(raw, key), "not-loopback",
                    "`own` is not on loopback, and it has no TLS",
                    "put a gateway of your own before it that has",
                )
            )  # fmt: skip
    return found


def _line(raw: str, key: str) -> int:
    for number, line in enumerate(raw.split("\n"), 1):
        if re.match(rf"{re.escape(key)}\s*=", line):
            return number
    return 1


def _find(path: Path, line: int, code: str, message: str, hint: str = "") -> Finding:
    return Finding(
        where=str(path),
        line=line,
        code=code,
        message=message,
        hint=hint or "docs/formats/node.md has every key",
    )
