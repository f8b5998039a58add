"""Requests at the boundaries of a world: every instant at which anything may change, and one
second to each side; every item and what differs from it in one thing; every pair of parties.

The items that differ are written into a copy of the world's folder, so that both the oracle and
the code under test read them from the same files by their own means.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

from oracle.plain import answer
from oracle.reads import next_day, read_world, span_of, start_of
from oracle.stands import readings_of, turnings, walk

BESIDE = Path(__file__).parent / "beside"
"""Files that are put beside a world's own, to make another world: one folder each."""


# -- the folder ----------------------------------------------------------------------------------


def prepare(root: Path, out: Path, beside: str | None = None, without: tuple = ()) -> dict:
    """Write a copy of a world with items that differ, and return it as the oracle reads it."""
    shutil.copytree(root, out)
    if beside:
        shutil.copytree(BESIDE / beside, out, dirs_exist_ok=True)
    for path in out.glob("instruments/*.toml"):
        head, *blocks = path.read_text("utf-8").split("[[instrument]]")
        kept = [b for b in blocks if not any(f'id = "{name}"' in b for name in without)]
        path.write_text("[[instrument]]".join([head, *kept]), "utf-8")
    for path in out.glob("accords/*.tests.toml"):
        path.unlink()
    world = read_world(out)
    (out / "items" / "different.toml").write_text(
        "\n".join(spelt(item) for item in differing(world)), "utf-8"
    )
    return read_world(out)


def spelt(item: dict) -> str:
    """Return an item as the table of a file."""

    def value(thing: object) -> str:
        if isinstance(thing, dict):
            inner = ", ".join(f"{key} = {value(v)}" for key, v in thing.items())
            return f"{{ {inner} }}"
        if isinstance(thing, list):
            return f"[{', '.join(value(v) for v in thing)}]"
        return json.dumps(thing, ensure_ascii=False)

    return "\n".join(
        ["[[item]]", *(f"{key} = {value(thing)}" for key, thing in item.items())]
    )


def differing(world: dict) -> list[dict]:
    """Return what differs from an item of the world in one thing, and some in two."""
    found, seen = [], set()
    dice = random.Random(world["id"])

    def add(item: dict) -> None:
        if "successor" in item and policy_of(item["successor"]) != policy_of(item):
            return  # no world loads with such an item
        known = {
            (row["set"], row["name"]) for row in world["policies"][policy_of(item)]["tag"]
        }
        sets = {row["name"] for row in world["policies"][policy_of(item)]["tag_set"]}
        for group in item.get("tags", []):
            if group["set"] not in sets or not known >= {
                (group["set"], v) for v in group["values"]
            }:
                return
        key = json.dumps(
            {k: v for k, v in item.items() if k not in ("id", "title")}, sort_keys=True
        )
        if key not in seen:
            seen.add(key)
            found.append({**item, "id": f"other-{len(found)}", "synthetic": True})

    def changed(item: dict, key: str, value: object) -> dict:
        rest = {k: v for k, v in item.items() if k != key}
        return rest if value is None else {**rest, key: value}

    for item in list(world["items"].values()):
        changes = changes_of(world, item)
        for key, value in changes:
            add(changed(item, key, value))
        for _ in range(len(changes)):
            (one, first), (two, second) = dice.sample(changes, 2)
            add(changed(changed(item, one, first), two, second))
    return found


def policy_of(marked: dict) -> str:
    return marked["level"].partition(":")[0]


def changes_of(world: dict, item: dict) -> list[tuple[str, object]]:
    """Return every value that each thing of an item may have instead."""
    parties = list(world["party"])
    names = [*parties, *world["groups"]]
    policies = world["policies"].values()
    tag_sets = [row["name"] for policy in policies for row in policy["tag_set"]]
    tags = [
        {"set": row["set"], "values": [row["name"]]} for p in policies for row in p["tag"]
    ]
    mine = item["level"].partition(":")[0]
    own = {row["name"] for row in world["policies"][mine]["tag_set"]}
    here = [tag for tag in tags if tag["set"] in own]
    changes: list[tuple[str, object]] = []
    levels = [f"{p['id']}:{row['name']}" for p in policies for row in p["level"]]
    changes += [("level", level) for level in levels]
    for category in world["categories"]:
        changes.append(("categories", [category]))
        changes += [("categories", sorted({category, c})) for c in item["categories"]]
    changes.append(("categories", list(world["categories"])))
    for key, words in (("kind", "kinds"), ("purpose", "purposes"), ("channel", "channels")):
        changes += [(key, word) for word in world[words]]
    originators = [[p] for p in parties] + [
        sorted({*item["originators"], p}) for p in parties
    ]
    changes += [("originators", who) for who in originators]
    lists = [None, [], *([name] for name in names), parties, list(world["groups"])]
    changes += [("release_to", who) for who in lists]
    if world.get("display_kinds"):
        changes += [("display_to", [name]) for name in names[::4]]
    if own:
        changes += [("tags", [tag]) for tag in here]
        changes += [
            ("tags", [{"set": name, "values": []}]) for name in tag_sets if name in own
        ]
        pairs = [[a, b] for a in here for b in here if a["set"] < b["set"]]
        changes += [("tags", pair) for pair in pairs]
    if world["groups"] or "made" in item:
        changes.append(("made", None))
        changes += [("made", written(moment)) for moment in made_at(world)]
    changes.append(("originators", None))
    parts = [[one["id"]] for one in world["items"].values() if one["id"] != item["id"]]
    changes += [("made_from", names) for names in [None, *parts]]
    return changes


def written(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def made_at(world: dict) -> list[int]:
    """Return when items may have been made: at each change of a group, and a second before."""
    edges = set()
    for group in world["groups"].values():
        for member in group.get("members", []):
            for key in ("since", "before"):
                if key in member:
                    edges |= set(span_of(member[key], world["zone"]))
        if "accord" in group:
            edges |= {m for m in computed(world, group["accord"]) if m}
    return sorted({edge + step for edge in edges for step in (-1, 0, 1)})


# -- the instants ----------------------------------------------------------------------------------

TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T[0-9:]+(?:Z|[+-]\d\d:\d\d)?)?")


def computed(world: dict, accord: str) -> set[int]:
    """Return the instants at which the clock itself does something, as the oracle tells it."""
    last = start_of(date(2027, 6, 1), "UTC")
    found: set[int] = set()
    for viewer in [None, *world["party"]]:
        for readings in readings_of(world, accord, viewer, last):
            for acts in turnings(world, accord, readings, last)[:64]:
                life = walk(world["accords"][accord], acts, last, readings)
                found.update(life.steps)
                found.update(notice.bites for notice in life.notices.values())
                for pause in life.pauses:
                    found.update(m for m in (pause.since, pause.before) if m)
    return found


def instants(root: Path, world: dict) -> list[int]:
    """Return every instant at which anything written in the folder may change, and its neighbours."""
    zones = {world["zone"], *(row["zone"] for row in world["party"].values())}
    zones |= {accord["zone"] for accord in world["accords"].values()}
    edges: set[int] = set()
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".toml", ".md") or path.name in (
            "different.toml",
            "README.md",
        ):
            continue
        for text in TIME.findall(path.read_text("utf-8")):
            for zone in zones:
                if "T" in text:
                    edges |= {span_of(text, zone)[0]}
                else:
                    day = date.fromisoformat(text)
                    edges |= {start_of(day, zone), start_of(next_day(day), zone)}
    for name in world["accords"]:
        edges |= computed(world, name)
    return sorted({edge + step for edge in edges for step in (-1, 0, 1)})


def turns(world: dict) -> list[int]:
    """Return the instants at which what decides may turn: the likelier half of all that are asked."""
    edges: set[int] = set()
    for act in world["acts"]:
        edges |= {act["span"][0], act["span"][1] + 1}
        if "until" in act:
            zone = world["accords"][act["accord"]]["zone"]
            edges.add(start_of(next_day(date.fromisoformat(act["until"])), zone))
    rows = [row for group in world["groups"].values() for row in group.get("members", [])]
    for row in [*rows, *world["holds"], *world["written_authorities"]]:
        for key in ("since", "before"):
            edges |= set(span_of(row[key], world["zone"])) if key in row else set()
    for name in world["accords"]:
        edges |= computed(world, name)
    return sorted({edge + step for edge in edges for step in (-1, 0, 1)})


# -- the requests ----------------------------------------------------------------------------------


def requests(root: Path, world: dict, count: int, seed: int) -> list[dict]:
    """Return so many different requests, half of them one change away from a permit."""
    dice = random.Random(seed)
    pairs = [(a, b) for a, b in product(world["party"], repeat=2) if a != b]
    choices = {
        "item": list(world["items"]),
        "pair": [*pairs, *((party, party) for party in world["party"])],
        "at": instants(root, world),
        "purpose": [None, *world["purposes"]],
        "channel": [None, *world["channels"]],
        "under": [None, *world["accords"]],
    }
    sharp = turns(world)
    choices["at"] = sorted({*choices["at"], *sharp})
    by_pair = {
        pair: [
            n
            for n, a in world["accords"].items()
            if a.get("open") or {*pair} <= {*a["parties"]}
        ]
        for pair in pairs
    }
    linked = [pair for pair in pairs if by_pair[pair]]
    found: dict[tuple, dict] = {}
    permits: list[dict] = []

    def ask(asked: dict) -> None:
        sender, recipient = asked["pair"]
        request = {k: v for k, v in asked.items() if k != "pair"} | {
            "from": sender,
            "to": recipient,
        }
        key = tuple(str(request[k]) for k in sorted(request))
        if key in found:
            return
        found[key] = request
        request["oracle"] = answer(world, request)
        if request["oracle"] == "permit":
            permits.append(asked)

    while len(found) < count:
        if permits and dice.random() < 0.6:
            asked = dict(dice.choice(permits))
            key = dice.choice(["at", "at", "at", "at", "item", "item", *choices])
            asked[key] = dice.choice(choices[key] if key != "at" else sharp)
            if key == "at" and dice.random() < 0.5:  # a neighbour of the instant
                here = choices["at"].index(dice.choice(permits)["at"])
                asked["at"] = choices["at"][
                    max(0, here + dice.choice([-3, -2, -1, 1, 2, 3])) % len(choices["at"])
                ]
        else:
            item = world["items"][dice.choice(choices["item"])]
            likely = [p for p in linked if p[0] in item.get("originators", ())] or linked
            asked = {
                "item": item["id"],
                "pair": dice.choice(likely if dice.random() < 0.7 else choices["pair"]),
                "at": dice.choice(dice.choice([choices["at"], sharp])),
                "purpose": dice.choice(choices["purpose"]) if dice.random() < 0.3 else None,
                "channel": dice.choice(choices["channel"]) if dice.random() < 0.2 else None,
                "under": dice.choice(choices["under"]) if dice.random() < 0.2 else None,
            }
        ask(asked)
    return list(found.values())
