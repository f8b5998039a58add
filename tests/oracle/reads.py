"""A world's files as plain dictionaries, for the oracle; nothing of ``comity`` is used.

What the oracle does not know it refuses to read: a key, a table or an operation that is not
listed here raises `NotCovered`, so that a new notion is met with a change of the oracle and
never passed over.
"""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


class NotCovered(Exception):
    """The world uses something that the oracle does not know."""


ALWAYS = "cites read read_by"
"""Keys that every rule may have; they decide nothing."""

RULES = {
    "entry": "when",
    "joining": "when admitted_by",
    "term": "initial renewal indefinite until before",
    "exit": "who form channel length takes_effect late ends revocable",
    "suspension": "who form channel at_most part",
    "amendment": "by",
    "survival": "protect counted_from onward requires",
    "scope": "categories kinds directions",
    "equivalence": "from to choose relation since before",
    "tag_equivalence": "from to drop since before",
    "common_policy": "policy levels tags",
    "purpose": "allowed as_given",
    "third_party": "consent",
    "gate": "id needs who",
    "channel": "allowed",
    "duty": "id what who arises within discharge choice lasting",
    "evidence": "act what",
    "open_point": "id question readings default",
    "exception": "to answer categories recipients originators purposes",
    "tied": "to how who",
    "actor": "id is may",
}
"""The rules of an accord, and the keys of each."""

ONCE = {
    "entry",
    "joining",
    "term",
    "amendment",
    "survival",
    "scope",
    "purpose",
    "third_party",
    "channel",
}
"""Those that stand once; the others are lists."""

FRONT = "format id languages authentic zone law parties open existence profile"

COUNTS = {
    "sign": "dated",
    "notify_completion": "dated",
    "deposit": "dated",
    "deliver": "dated",
    "enact": "dated",
    "give_notice": "received",
    "suspend_notice": "received",
    "resume_notice": "received",
    "withdraw_suspension": "received",
    "revoke_notice": "received",
    "suspend": "received",
    "resume": "received",
    "terminate": "dated",
    "consent": "dated",
    "request_consent": "dated",
    "refuse_consent": "dated",
    "revoke_consent": "dated",
    "meet": "dated",
    "unmeet": "dated",
    "relabel": "dated",
    "release": "dated",
}
"""The operations that the oracle applies, and when each counts."""

ONLY_RECORDED = {
    "protest",
    "allege_breach",
    "report",
    "designate",
    "request",
    "return",
    "certify_destruction",
    "report_loss",
    "change_law",
}
"""Operations that change no answer of permit or denial."""

OPERATION = (
    "do notice until on to holder item level categories levels purposes consent condition about "
    "means instrument between party since of ceiling answers"
)

INSTRUMENT = (
    "id by operations accord title form channel signatory dated sent delivered received informed "
    "assumed assumption recorded basis source recalled supposed note"
)

TABLES = {
    "world": "format id title zone order categories purposes kinds channels display_kinds "
    "authorities party",
    "party": "id name seat zone names policy",
    "policy": "format id source standard community level tag_set tag",
    "level": "name above marks handling obsolete audience",
    "tag_set": "name type at_most required",
    "tag": "set name marks caveat holders levels not_with needs obsolete",
    "group": "id title members clients_of accord",
    "member": "party since before removed source recalled",
    "item": "id title level categories kind purpose channel originators release_to display_to tags "
    "made_from made review successor compilation synthetic format",
    "tags": "set values",
    "successor": "at level",
    "reading": "party accord open_point reading since known source attributed recalled",
    "hold": "id by towards accords categories ground since before stops_accepting source",
    "authority": "id by signed_by to purposes categories levels items conditions since before source",
}

FILES = (
    r"(world|groups|readings|holds|authorities)\.toml",
    r"(policies|items|instruments)/[^/]*\.toml",
    r"accords/[^/]*\.(accord\.md|tests\.toml)",
    r".*README\.md|.*\.csv",
    # what is said beside the accords; by its page no decision looks at it
    r"(measures|positions|conditions|undertakings|statements|speakers|forums|readouts)\.toml",
)
"""The files that a world may have; of the last two kinds nothing is read."""

NEVER = 253402300799
"""The last second of the year 9999."""


def only(table: dict, known: str, where: str) -> dict:
    """Return the table, or raise if it has a key that is not known."""
    for key in table:
        if key not in known.split():
            raise NotCovered(f"{where}: {key}")
    return table


# -- times: a span is its first and its last second ------------------------------------------


def start_of(day: date, zone: str) -> int:
    """Return the first second of a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())


def day_of(instant: int, zone: str) -> date:
    """Return the day on which an instant falls."""
    return datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(zone)).date()


def next_day(day: date) -> date:
    return day + timedelta(days=1)


def instant_of(text: str, zone: str) -> int:
    """Return an instant as written, local to the zone where it says no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return int(moment.timestamp())


def span_of(text: str, zone: str) -> tuple[int, int]:
    """Return an instant, a day or an interval as its first and last second."""
    if "/" in text:
        first, before = text.split("/")
        return instant_of(first, zone), instant_of(before, zone) - 1
    if "T" not in text:
        day = date.fromisoformat(text)
        return start_of(day, zone), start_of(next_day(day), zone) - 1
    return instant_of(text, zone), instant_of(text, zone)


def latest_end(text: str, zone: str) -> int:
    """Return the latest instant from which something no longer holds; a day is the first out."""
    first, last = span_of(text, zone)
    return last if "/" in text else first


def add_period(day: date, period: str, times: int = 1) -> date:
    """Add a period so many times to the first day, never one after another."""
    found = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?", period)
    years, months, weeks, days = (int(part or 0) * times for part in found.groups())
    month = day.month - 1 + months
    year, month = day.year + years + month // 12, month % 12 + 1
    try:
        moved = day.replace(year=year, month=month)
    except ValueError:
        raise NotCovered(f"{day} and {period}: a day that does not exist") from None
    return moved + timedelta(weeks=weeks, days=days)


def first_day_out(day: date, length: dict, times: int = 1) -> date:
    """Return the first day out of a length that counts from an event on a day."""
    only(length, "for count to by", "length")
    moved = add_period(day, length["for"], times)
    if length["count"] in ("clear days", "civil"):
        return next_day(moved)
    if length["count"] in ("anniversary", "nth day after"):
        return moved
    raise NotCovered(f"count {length['count']}")


# -- files --------------------------------------------------------------------------------------


def read_toml(path: Path) -> dict:
    return tomllib.loads(path.read_text("utf-8"))


def read_accord(path: Path) -> dict:
    """Return an accord's front matter and its rules, by table."""
    text = path.read_text("utf-8")
    _, front, body = text.split("+++\n", 2)
    accord = only(tomllib.loads(front), FRONT, path.name)
    accord |= {name: {} if name in ONCE else [] for name in RULES}
    for block in re.findall(r"^```toml comity\n(.*?)^```$", body, re.MULTILINE | re.DOTALL):
        for name, found in tomllib.loads(block).items():
            if name not in RULES:
                raise NotCovered(f"{path.name}: [{name}]")
            for rule in [found] if name in ONCE else found:
                only(rule, f"{RULES[name]} {ALWAYS}", f"{path.name}: [{name}]")
            if name in ONCE:
                accord[name] = found
            else:
                accord[name] += found
    return accord


def read_world(root: Path) -> dict:
    """Return all that the folder says, by kind."""
    world = only(read_toml(root / "world.toml"), TABLES["world"], "world.toml")
    world["party"] = {
        party["id"]: only(party, TABLES["party"], "party") for party in world["party"]
    }
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not re.fullmatch("|".join(FILES), name):
            raise NotCovered(name)

    world["policies"] = {}
    for path in sorted(root.glob("policies/*.toml")):
        policy = only(read_toml(path), TABLES["policy"], path.name)
        for kind in ("level", "tag_set", "tag"):
            for row in policy.setdefault(kind, []):
                only(row, TABLES[kind], f"{path.name}: {kind}")
        if "standard" in policy:
            policy["level"] += standard_levels(policy["standard"])
        world["policies"][policy["id"]] = policy

    world["accords"] = {}
    for path in sorted(root.glob("accords/*.accord.md")):
        accord = read_accord(path)
        world["accords"][accord["id"]] = accord

    def rows(file: str, kind: str) -> list[dict]:
        found = read_toml(root / file) if (root / file).exists() else {}
        only(found, kind, file)
        return [only(row, TABLES[kind], file) for row in found.get(kind, [])]

    world["groups"] = {group["id"]: group for group in rows("groups.toml", "group")}
    for group in world["groups"].values():
        for member in group.get("members", []):
            only(member, TABLES["member"], "groups.toml")
    world["readings"] = rows("readings.toml", "reading")
    world["holds"] = rows("holds.toml", "hold")
    world["written_authorities"] = rows("authorities.toml", "authority")
    world["items"] = {}
    for path in sorted(root.glob("items/*.toml")):
        found = read_toml(path)
        for item in found.get("item", [found]):
            world["items"][item["id"]] = read_item(item)
    world["acts"] = []
    for path in sorted(root.glob("instruments/*.toml")):
        world["acts"] += read_acts(path, world)
    return world


def read_item(item: dict) -> dict:
    only(item, TABLES["item"], item["id"])
    for group in item.get("tags", []):
        only(group, TABLES["tags"], item["id"])
    only(item.get("successor", {}), TABLES["successor"], item["id"])
    return item


def standard_levels(standard: str) -> list[dict]:
    """Return the levels of the Traffic Light Protocol 2.0, lowest first, and whom each reaches."""
    if standard != "tlp-2.0":
        raise NotCovered(standard)
    levels, below = [], []
    for name, audience in [
        ("CLEAR", "public"),
        ("GREEN", "community"),
        ("AMBER", "clients"),
        ("AMBER+STRICT", "organisation"),
        ("RED", "named"),
    ]:
        levels.append({"name": name, "above": below, "audience": audience})
        below = [name]
    return levels


def read_acts(path: Path, world: dict) -> list[dict]:
    """Return the operations of a file of instruments, each with its instrument's facts."""
    found = only(read_toml(path), "accord instrument", path.name)
    acts = []
    for instrument in found["instrument"]:
        only(instrument, INSTRUMENT, instrument["id"])
        accord = instrument.get("accord", found.get("accord"))
        zone = world["accords"][accord]["zone"]
        times = {
            stage: span_of(instrument[stage], zone)
            for stage in ("dated", "sent", "delivered", "received", "informed")
            if isinstance(instrument.get(stage), str)
        }
        if any(isinstance(instrument.get(stage), dict) for stage in ("dated", "received")):
            raise NotCovered(f"{instrument['id']}: times by party")
        for operation in instrument["operations"]:
            only(operation, OPERATION, instrument["id"])
            if operation["do"] in ONLY_RECORDED:
                continue
            if operation["do"] not in COUNTS:
                raise NotCovered(f"{instrument['id']}: {operation['do']}")
            act = {
                **operation,
                "id": instrument["id"],
                "by": instrument["by"],
                "accord": accord,
            }
            act["form"] = instrument.get("form")
            act["way"] = instrument.get("channel")
            act["recalled"] = instrument.get("recalled", False)
            act["times"] = times
            act["span"] = counting_span(act)
            acts.append(act)
    return acts


def counting_span(act: dict) -> tuple[int, int]:
    """Return when an act counts: on receipt, or at the first of its times that is recorded."""
    stages = ("dated", "sent", "delivered", "received")
    if COUNTS[act["do"]] == "received":
        stages = ("received",)
    for stage in stages:
        if stage in act["times"]:
            return act["times"][stage]
    raise NotCovered(f"{act['id']}: its deciding time is not recorded")
