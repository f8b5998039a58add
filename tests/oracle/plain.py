"""The plain oracle: may an item go to a party at an instant? Written from the pages alone.

It reads a world's folder by itself and uses nothing of ``comity``. It is slow and says only
yes or no, with the first thing that is in the way. What it does not know it refuses to answer.
"""

from __future__ import annotations

from datetime import date

from oracle import stands as life
from oracle.reads import NEVER, NotCovered, latest_end, next_day, span_of, start_of
from oracle.stands import stands, stands_at_all


def answer(world: dict, request: dict) -> str:
    """Return ``permit``, or ``denied: `` and the first thing in the way."""
    item = world["items"][request["item"]]
    asked = {
        "sender": request["from"],
        "recipient": request["to"],
        "at": request["at"],
        "purpose": request.get("purpose") or item["purpose"],
        "channel": request.get("channel") or item["channel"],
    }
    asked["level"] = level_at(world, item, asked["at"])
    asked["kind"] = item["kind"]  # in which it goes, with all that it was made from
    wrong = unknown(world, item, asked) or missing(world, item, asked)
    for thing in [] if wrong else whole(world, item):
        here = {**asked, "level": level_at(world, thing, asked["at"])}
        if not wrong and not comes_home(thing, asked):
            wrong = invalid_label(world, thing, here) or label_keeps_it(world, thing, here)
    if not wrong and origins(world, item) != [asked["recipient"]]:
        wrong = below_parts(world, item, asked)
    if wrong:
        return f"denied: {wrong}"
    under = request.get("under")
    if under is not None and under not in world["accords"]:
        return "denied: no such accord"
    reasons = []
    for name in world["order"] if under is None else [under]:
        wrong = against(world, name, item, asked)
        if wrong is None:
            return "permit"
        reasons.append(f"{name}: {wrong}")
    if under is None and by_authority(world, item, asked):
        return "permit"
    return "denied: " + "; ".join(reasons)


# -- what an item was made from ---------------------------------------------------------------------


def whole(world: dict, item: dict) -> list[dict]:
    """Return an item and all that it was made from."""
    found = [item]
    for name in item.get("made_from", []):
        found += [part for part in whole(world, world["items"][name]) if part not in found]
    return found


def origins(world: dict, item: dict) -> list[str]:
    """Return the originators of an item and of all that it was made from."""
    return sorted(
        {who for thing in whole(world, item) for who in thing.get("originators", [])}
    )


def comes_home(item: dict, asked: dict) -> bool:
    """Say whether it is the recipient's alone; of what it was made from each part is asked."""
    return item["originators"] == [asked["recipient"]]


def below_parts(world: dict, item: dict, asked: dict) -> str | None:
    """Say which part the whole is marked below, by what it is about or by its level."""
    for part in whole(world, item)[1:]:
        if not set(part["categories"]) <= set(item["categories"]):
            return f"about less than {part['id']}"
        reached = led_to(world, level_at(world, part, asked["at"]))
        if not any(
            asked["level"] == level or stands_above(world, asked["level"], level)
            for level in reached
        ):
            return f"marked below {part['id']}"
    return None


def led_to(world: dict, level: str) -> set[str]:
    """Return the levels to which the tables lead from one, and that one."""
    found = {level}
    for _ in range(9):
        found |= {
            to
            for accord in world["accords"].values()
            for row in accord["equivalence"]
            if row["from"] in found
            for to in row["to"]
        }
    return found


# -- what binds whatever an accord permits ---------------------------------------------------------


def unknown(world: dict, item: dict, asked: dict) -> str | None:
    parties = set(world["party"])
    if not {asked["sender"], asked["recipient"], *item.get("originators", [])} <= parties:
        return "a party that nobody knows"
    if (
        asked["purpose"] not in world["purposes"]
        or asked["channel"] not in world["channels"]
    ):
        return "a purpose or channel that nobody knows"
    if (
        not set(item["categories"]) <= set(world["categories"])
        or item["kind"] not in world["kinds"]
    ):
        return "a category or kind that nobody knows"
    return None if rung(world, asked["level"]) else "a level that nobody knows"


def missing(world: dict, item: dict, asked: dict) -> str | None:
    if not all(
        thing.get("originators") and thing["categories"] for thing in whole(world, item)
    ):
        return "nobody recorded where it comes from, or what it is about"
    return "it stays where it is" if asked["sender"] == asked["recipient"] else None


def rung(world: dict, level: str) -> dict | None:
    policy, _, name = level.partition(":")
    found = world["policies"].get(policy, {"level": []})["level"]
    return next((row for row in found if row["name"] == name), None)


def stands_above(world: dict, high: str, low: str) -> bool:
    """Say whether one level stands above another of its policy."""
    policy = high.partition(":")[0]
    below = [f"{policy}:{name}" for name in rung(world, high).get("above", [])]
    return low in below or any(stands_above(world, step, low) for step in below)


def level_at(world: dict, item: dict, at: int) -> str:
    """Return the item's level: its own, its successor, or the one its originators gave it."""
    changes = []
    if "successor" in item:
        turn = latest_end(item["successor"]["at"], world["zone"])
        changes.append(((turn, turn), item["successor"]["level"], None))
    for act in world["acts"]:
        if (
            act["do"] == "relabel"
            and act["item"] == item["id"]
            and act["form"] == "written"
        ):
            by = set(act["by"]) & set(origins(world, item))
            if by:
                changes.append((act["span"], act["level"], by))
    if len(changes) > 1:
        raise NotCovered(f"{item['id']}: its level changes more than once")
    level = item["level"]
    for (first, last), new, by in changes:
        if stands_above(world, new, level):
            level = new if first <= at else level
        elif new != level:  # lower, or beside it
            everybody = by is None or by == set(origins(world, item))
            level = new if last <= at and everybody else level
    return level


def marks(world: dict, item: dict, level: str) -> list[tuple[dict, dict, str]]:
    """Return the item's tags, as (set, tag, name)."""
    policy = world["policies"][level.partition(":")[0]]
    sets = {row["name"]: row for row in policy["tag_set"]}
    tags = {(row["set"], row["name"]): row for row in policy["tag"]}
    return [
        (sets[group["set"]], tags[group["set"], value], f"{group['set']}/{value}")
        for group in item.get("tags", [])
        for value in group["values"]
    ]


def caveats(world: dict, item: dict, asked: dict) -> set[str]:
    return {
        tag["caveat"] for _, tag, _ in marks(world, item, asked["level"]) if "caveat" in tag
    }


def invalid_label(world: dict, item: dict, asked: dict) -> str | None:
    """Say what makes the label one that its policy does not allow."""
    level, zone = asked["level"], world["zone"]
    found = marks(world, item, level)
    borne = {name for _, _, name in found}
    for thing in [rung(world, level), *(tag for _, tag, _ in found)]:
        if "obsolete" in thing:
            day = start_of(date.fromisoformat(thing["obsolete"]), zone)
            if "made" not in item or span_of(item["made"], zone)[1] >= day:
                return f"{thing['name']} is obsolete"
    for tag_set in world["policies"][level.partition(":")[0]]["tag_set"]:
        values = [name for owner, _, name in found if owner is tag_set]
        if len(values) > tag_set.get("at_most", len(values)):
            return f"too many of {tag_set['name']}"
        if tag_set.get("required") and not values:
            return f"none of {tag_set['name']}"
    for _, tag, name in found:
        if level.partition(":")[2] not in tag.get("levels", [level.partition(":")[2]]):
            return f"{name} does not stand beside the level"
        if borne & set(tag.get("not_with", [])) or not set(tag.get("needs", [])) <= borne:
            return f"{name} stands beside what it may not, or alone"
    caveat = caveats(world, item, asked)
    if "noforn" in caveat and ("release_to" in item or item.get("display_to")):
        return "noforn beside a list"
    if "eyes-only" in caveat and not item.get("release_to"):
        return "eyes only, and no list"
    if ("display-only" in caveat) != bool(item.get("display_to")):
        return "display only, or a display list, without the other"
    return None


def label_keeps_it(world: dict, item: dict, asked: dict) -> str | None:
    """Say which list, audience or caveat of the originator's keeps it from the recipient."""
    sender, originators = asked["sender"], item["originators"]
    found = caveats(world, item, asked)
    if "noforn" in found:
        return "noforn"
    if "eyes-only" in found and (
        sender not in originators or not on_list(world, item, asked)
    ):
        return "eyes only"
    if "display-only" in found:
        shown = asked["kind"] in world.get("display_kinds", [])
        if not shown or not on_list(world, item, asked, "display_to"):
            return "to be shown only"
    elif "relido" not in found and not let_have(world, item, asked):
        return "the originator does not let it go there"
    if put_out(world, item, asked):
        return "put out of the community"
    return holders_only(world, item, asked)


def let_have(world: dict, item: dict, asked: dict, *, shown: bool = True) -> bool:
    """Say whether the item's list, or without one the audience of its level, has the recipient.

    A list of those who may be shown it lets them see it, and releases it to nobody.
    """
    recipient, at = asked["recipient"], asked["at"]
    level = rung(world, asked["level"])
    audience = level.get("audience")
    community = world["policies"][asked["level"].partition(":")[0]].get("community")
    if "release_to" not in item and not item.get("display_to"):
        in_community = community and in_group(world, community, recipient, item, at)
        return audience == "public" or (audience == "community" and bool(in_community))
    if on_list(world, item, asked):
        return True
    leaves_nothing = asked["kind"] in world.get("display_kinds", [])
    if shown and leaves_nothing and on_list(world, item, asked, "display_to"):
        return True
    if audience == "clients" and on_list(
        world, item, {**asked, "recipient": asked["sender"]}
    ):
        return any(  # whoever it names passes it on to its own clients
            group.get("clients_of") == asked["sender"]
            and is_member(world, group["id"], recipient, at)
            for group in world["groups"].values()
        )
    return False


def on_list(world: dict, item: dict, asked: dict, which: str = "release_to") -> bool:
    return any(
        name == asked["recipient"]
        or (
            name in world["groups"]
            and in_group(world, name, asked["recipient"], item, asked["at"])
        )
        for name in item.get(which, [])
    )


def in_group(world: dict, group: str, party: str, item: dict, at: int) -> bool:
    """Say whether a party was a member when the item was made, and is one now."""
    if "made" not in item:
        return False
    made = span_of(item["made"], world["zone"])
    return all(is_member(world, group, party, moment) for moment in (*made, at))


def is_member(world: dict, group: str, party: str, at: int) -> bool:
    found = world["groups"][group]
    if "accord" in found:
        return life.is_member(world, found["accord"], party, at)
    return any(
        member["party"] == party
        and latest_end(member["since"], world["zone"]) <= at
        and ("before" not in member or at < span_of(member["before"], world["zone"])[0])
        for member in found["members"]
    )


def put_out(world: dict, item: dict, asked: dict) -> bool:
    """Say whether the recipient was put out of the community, and this is kept from it."""
    policy, level = world["policies"][policy_of(asked)], rung(world, asked["level"])
    if "community" not in policy or is_member(
        world, policy["community"], asked["recipient"], asked["at"]
    ):
        return False
    group, at, zone = world["groups"][policy["community"]], asked["at"], world["zone"]
    if "accord" in group:
        out = life.put_out_at(world, group["accord"], asked["recipient"], at)
    else:
        out = [
            moment
            for member in group["members"]
            if member["party"] == asked["recipient"] and member.get("removed")
            for moment in span_of(member["before"], zone)
        ]
    if not out or at < min(out):
        return False
    if level.get("audience") == "public" and "release_to" not in item:
        return False
    named = asked["recipient"] in [*item.get("release_to", []), *item.get("display_to", [])]
    return not (named and "made" in item and max(out) <= span_of(item["made"], zone)[0])


def policy_of(asked: dict) -> str:
    return asked["level"].partition(":")[0]


def holders_only(world: dict, item: dict, asked: dict) -> str | None:
    """Say which tag the recipient is no holder of."""
    for group in item.get("tags", []):
        here = [
            mark
            for mark in marks(world, item, asked["level"])
            if mark[0]["name"] == group["set"]
        ]
        kind = next(
            row["type"]
            for row in world["policies"][asked["level"].partition(":")[0]]["tag_set"]
            if row["name"] == group["set"]
        )
        has = [
            "holders" in tag
            and is_member(world, tag["holders"], asked["recipient"], asked["at"])
            for _, tag, _ in here
        ]
        free = ["holders" not in tag for _, tag, _ in here]
        if kind == "restrictive" and not all(
            a or b for a, b in zip(has, free, strict=True)
        ):
            return "no holder of every tag"
        if kind == "permissive" and not any(has):
            return "no holder of any tag"
    return None


def about(world: dict, item: dict) -> set[str]:
    return {category for thing in whole(world, item) for category in thing["categories"]}


def held(world: dict, name: str, item: dict, asked: dict) -> bool:
    """Say whether a hold of the sender, or one on accepting of the recipient, stops it."""
    for hold in world["holds"]:
        other = {asked["sender"]: asked["recipient"]}.get(hold["by"])
        if hold.get("stops_accepting") and hold["by"] == asked["recipient"]:
            other = asked["sender"]
        first = span_of(hold["since"], world["zone"])[0]
        last = latest_end(hold["before"], world["zone"]) if "before" in hold else NEVER
        if (
            other is not None
            and {other, "any"} & set(hold["towards"])
            and {name, "any"} & set(hold["accords"])
            and {*about(world, item), "any"} & set(hold["categories"])
            and first <= asked["at"] < last
        ):
            return True
    return False


def by_authority(world: dict, item: dict, asked: dict) -> bool:
    """Say whether a written leave lets the sender's own information go, outside any accord."""
    if not world.get("authorities") or held(world, "any", item, asked):
        return False
    zone = world["zone"]
    return any(
        leave["by"] == asked["sender"]
        and origins(world, item) == [leave["by"]]
        and len(set(leave["signed_by"])) > 1
        and asked["recipient"] in leave["to"]
        and asked["purpose"] in leave["purposes"]
        and latest_end(leave["since"], zone)
        <= asked["at"]
        < span_of(leave["before"], zone)[0]
        and let_have(world, item, asked)  # relido: a leave takes nobody's consent's place
        and (
            item["id"] in leave.get("items", [])
            or (
                "items" not in leave
                and set(item["categories"]) <= set(leave["categories"])
                and asked["level"] in leave["levels"]
            )
        )
        for leave in world["written_authorities"]
    )


# -- one accord ------------------------------------------------------------------------------------


def against(world: dict, name: str, item: dict, asked: dict) -> str | None:
    """Return the first thing in the way under one accord; None if it may go."""
    accord, sender, recipient = world["accords"][name], asked["sender"], asked["recipient"]
    at, asked = asked["at"], {**asked, "under": name}
    if held(world, name, item, asked):
        return "held"
    if not accord.get("open") and not {sender, recipient} <= set(accord["parties"]):
        return "no accord between them"
    if not stands(world, name, sender, recipient, at):
        return "it does not stand"
    for tie in accord["tied"]:
        if tie["how"] != "sending":
            raise NotCovered(f"{name}: tied by {tie['how']}")
        if sender in tie["who"] and not other_stands(
            world, tie["to"], sender, recipient, at
        ):
            return "the sender may not send"
    if accord["exception"]:
        raise NotCovered(f"{name}: exceptions")
    scope = accord["scope"]
    if not scope:
        return "no scope"
    if not {f"{sender} to {recipient}", "any"} & set(scope["directions"]):
        return "direction"
    if scope["categories"] != ["any"] and not set(item["categories"]) <= set(
        scope["categories"]
    ):
        return "category"
    if not {item["kind"], "any"} & set(scope["kinds"]):
        return "kind"
    if not corresponds(world, accord, item, asked):
        return "no level or tag corresponds"
    if accord["channel"] and asked["channel"] not in accord["channel"]["allowed"]:
        return "channel"
    if not gates_met(world, accord, asked):
        return "a condition before release"
    return (
        purpose_wrong(world, accord, item, asked)
        or third_parties(world, accord, item, asked)
        or not_released(world, accord, item, asked)
    )


def other_stands(world: dict, name: str, sender: str, recipient: str, at: int) -> bool:
    if {sender, recipient} <= set(world["accords"][name]["parties"]):
        return stands(world, name, sender, recipient, at)
    return stands_at_all(world, name, at)


def in_days(row: dict, zone: str, at: int) -> bool:
    """Say whether an instant lies between a row's first day and its first day out."""
    since, before = row.get("since"), row.get("before")
    return (since is None or start_of(date.fromisoformat(since), zone) <= at) and (
        before is None or at < start_of(date.fromisoformat(before), zone)
    )


def corresponds(world: dict, accord: dict, item: dict, asked: dict) -> bool:
    """Say whether exactly one row leads from the level to the recipient, and one from each tag."""
    policy_of = {who: row.get("policy", who) for who, row in world["party"].items()}
    mine, theirs = policy_of[asked["sender"]], policy_of[asked["recipient"]]
    at, level, zone = asked["at"], asked["level"], accord["zone"]
    policy, _, name = level.partition(":")
    if comes_home(item, asked) and policy == theirs:
        return True  # it comes home at its own level
    common = [
        row for row in accord["common_policy"] if row["policy"] == mine == theirs == policy
    ]
    rows = [
        row
        for row in accord["equivalence"]
        if row["from"] == level
        and in_days(row, zone, at)
        and (not row["to"] or any(to.startswith(f"{theirs}:") for to in row["to"]))
    ]
    targets = [to for row in rows for to in row["to"] if to.startswith(f"{theirs}:")]
    as_is = any(name in row["levels"] for row in common)
    one_row = len(rows) == 1 and rows[0].get("relation", "equal") != "none" and targets
    chosen = one_row and (len(targets) == 1 or rows[0].get("choose") == "recipient")
    if not (as_is or chosen):
        return False
    borne = [(policy, tag_set, tag) for tag_set, _, tag in marks(world, item, level)]
    for policy, tag_set, tag in borne + unanswered(world, item, asked):
        if tag_set["type"] == "informative" or any(
            policy == row["policy"] and tag in row.get("tags", []) for row in common
        ):
            continue
        leads = [
            row
            for row in accord["tag_equivalence"]
            if row["from"] == f"{policy}:{tag}"
            and in_days(row, zone, at)
            and (
                row.get("drop")
                or any(to.startswith(f"{theirs}:") for to in row.get("to", []))
            )
        ]
        if len(leads) != 1:
            return False
    return True


def unanswered(world: dict, item: dict, asked: dict) -> list[tuple[str, dict, str]]:
    """Return the tags of the parts to which none of the whole's answers."""
    whole_policy = asked["level"].partition(":")[0]
    on_it = {f"{whole_policy}:{tag}" for _, _, tag in marks(world, item, asked["level"])}
    rows = [
        row for accord in world["accords"].values() for row in accord["tag_equivalence"]
    ]
    found = []
    for part in whole(world, item)[1:]:
        level = level_at(world, part, asked["at"])
        policy = level.partition(":")[0]
        for tag_set, _, tag in [] if comes_home(part, asked) else marks(world, part, level):
            led_on = {f"{policy}:{tag}"}
            for _ in range(9):
                led_on |= {
                    to for row in rows if row["from"] in led_on for to in row.get("to", [])
                }
            dropped = any(row.get("drop") for row in rows if row["from"] in led_on)
            if not led_on & on_it and not (dropped and policy != whole_policy):
                found.append((policy, tag_set, tag))
    return found


def gates_met(world: dict, accord: dict, asked: dict) -> bool:
    sender, recipient = asked["sender"], asked["recipient"]
    whose = {"sender": [sender], "recipient": [recipient], "each": [sender, recipient]}
    return all(
        is_met(world, accord["id"], gate["id"], party, asked["at"])
        for gate in accord["gate"]
        for party in whose[gate["who"]]
    )


def is_met(world: dict, accord: str, gate: str, party: str, at: int) -> bool:
    """Say whether a condition is met: certainly, and not perhaps unmet since."""
    met, unmet = [], []
    for act in world["acts"]:
        if act["accord"] == accord and act.get("condition") == gate and party in act["by"]:
            if act["do"] == "meet" and act["span"][1] <= at:
                met.append(act["span"])
            if act["do"] == "unmeet" and act["span"][0] <= at:
                unmet.append(act["span"])
    return any(all(gone[1] < span[0] for gone in unmet) for span in met)


def purpose_wrong(world: dict, accord: dict, item: dict, asked: dict) -> str | None:
    rule = accord["purpose"]
    if not rule or not {asked["purpose"], "any"} & set(rule["allowed"]):
        return "purpose"
    if not rule.get("as_given", True):
        return None
    pair = (asked["sender"], asked["recipient"])
    for thing in whole(world, item):
        for who in thing["originators"] if asked["purpose"] != thing["purpose"] else []:
            if who not in pair and not consented(world, item, asked, who, accord["id"]):
                return f"another purpose without the consent of {who}"
    return None


def third_parties(world: dict, accord: dict, item: dict, asked: dict) -> str | None:
    """Say which originator that is neither sender nor recipient has not agreed."""
    pair = (asked["sender"], asked["recipient"])
    third = [who for who in origins(world, item) if who not in pair]
    rules = [(accord["third_party"], [accord["id"]])]
    for under in received_under(world, item, asked):
        given = world["accords"][under]
        rule = given["third_party"]
        ended = not stands(
            world, under, *parties_of_gift(world, item, asked, under), asked["at"]
        )
        if ended and given["survival"].get("onward") == "never":
            rule = {"consent": "never"}
        rules.append((rule, [accord["id"], under]))
    for rule, places in rules:
        for who in third:
            agreed = any(consented(world, item, asked, who, place) for place in places)
            says = rule.get("consent", "never")
            if says == "never" or (says == "each originator" and not agreed):
                return f"third party {who}"
            if says == "by marking" and not agreed and not marked_for(world, item, asked):
                return f"third party {who}, by marking"
            if says not in ("each originator", "by marking", "never", "not needed"):
                raise NotCovered(f"third party: {says}")
    if any(
        "orcon" in caveats(world, thing, at_own_level(world, thing, asked))
        for thing in whole(world, item)
    ):
        for who in third:
            if not consented(world, item, asked, who, accord["id"]):
                return f"orcon of {who}"
    return None


def at_own_level(world: dict, thing: dict, asked: dict) -> dict:
    return {**asked, "level": level_at(world, thing, asked["at"])}


def marked_for(world: dict, item: dict, asked: dict) -> bool:
    """Say whether the marking of the item, and of each part of it, has the recipient."""
    return all(
        comes_home(thing, asked)
        or let_have(world, thing, at_own_level(world, thing, asked), shown=False)
        for thing in whole(world, item)
    )


def not_released(world: dict, accord: dict, item: dict, asked: dict) -> str | None:
    """Say whose leave is lacking for one whom the list does not name, where leave may be asked."""
    for thing in whole(world, item):
        here = at_own_level(world, thing, asked)
        if comes_home(thing, asked) or let_have(world, thing, here):
            continue
        for who in origins(world, thing) if "relido" in caveats(world, thing, here) else []:
            if who != asked["recipient"] and not consented(
                world, item, asked, who, accord["id"]
            ):
                return f"relido of {who}"
    return None


def received_under(world: dict, item: dict, asked: dict) -> set[str]:
    """Return the accords under which the sender is on record as having received the item."""
    return {
        act["accord"]
        for act in world["acts"]
        if act["do"] == "release"
        and act["item"] in [thing["id"] for thing in whole(world, item)]
        and act["to"] == asked["sender"]
        and act["span"][0] <= asked["at"]
    }


def parties_of_gift(world: dict, item: dict, asked: dict, under: str) -> tuple[str, str]:
    for act in world["acts"]:
        if (act["do"], act["accord"]) != ("release", under):
            continue
        mine = act["item"] in [thing["id"] for thing in whole(world, item)]
        if mine and act["to"] == asked["sender"]:
            return act.get("holder", act["by"][0]), asked["sender"]
    raise NotCovered("a release by nobody")


def consented(world: dict, item: dict, asked: dict, who: str, accord: str) -> bool:
    """Say whether an originator's written consent covers this release, and still counts."""
    acts = [act for act in world["acts"] if who in act["by"]]
    given = [
        act
        for act in acts
        if act["do"] == "consent"
        and act["accord"] == accord
        and act["form"] == "written"
        and not act["recalled"]
        and act["span"][1] <= asked["at"]
        and in_days_of(world, act, asked["at"])
        and covers(world, act, item, asked, who)
    ]
    taken_back = {
        act["consent"]
        for act in acts
        if act["do"] == "revoke_consent" and act["span"][0] <= asked["at"]
    }
    refused = [
        act
        for act in acts
        if act["do"] == "refuse_consent"
        and act["accord"] == accord
        and act["span"][0] <= asked["at"]
        and any(
            was_asked(world, request, item, asked) for request in requests_of(world, act)
        )
    ]
    return any(
        act["id"] not in taken_back
        and all(refusal["span"][1] < act["span"][0] for refusal in refused)
        for act in given
    )


def in_days_of(world: dict, act: dict, at: int) -> bool:
    """Say whether an instant lies within the days for which a consent is given."""
    zone = world["accords"][act["accord"]]["zone"]
    if "since" in act and at < start_of(date.fromisoformat(act["since"]), zone):
        return False
    return "until" not in act or at < start_of(
        next_day(date.fromisoformat(act["until"])), zone
    )


def covers(world: dict, act: dict, item: dict, asked: dict, who: str) -> bool:
    """Say whether a consent covers the release; what it leaves out it does not cover."""
    if (act["holder"], act["to"]) != (asked["sender"], asked["recipient"]):
        return False
    if asked["purpose"] not in act["purposes"]:
        return False
    if "item" in act and act["item"] != item["id"]:
        return False
    if "item" in act:
        things = [item]
    else:  # a class is held against all that comes from its giver
        things = [thing for thing in whole(world, item) if who in thing["originators"]]
    return all(
        ("categories" not in act or set(thing["categories"]) <= set(act["categories"]))
        and ("item" in act or "levels" in act or "ceiling" in act)
        and at_its_levels(world, act, level_at(world, thing, asked["at"]))
        for thing in things
    )


def at_its_levels(world: dict, act: dict, level: str) -> bool:
    """Say whether a level is listed and under the ceiling, as far as either is said."""
    if "levels" in act and level not in act["levels"]:
        return False
    top = act.get("ceiling", level)
    return level == top or (
        level.partition(":")[0] == top.partition(":")[0] and stands_above(world, top, level)
    )


def requests_of(world: dict, refusal: dict) -> list[dict]:
    return [
        act
        for act in world["acts"]
        if act["do"] == "request_consent"
        and act["id"] == refusal["answers"]
        and act["of"] in refusal["by"]
    ]


def was_asked(world: dict, request: dict, item: dict, asked: dict) -> bool:
    """Say whether a request asked for this release; of a class one category at one level does."""
    if (request["holder"], request["to"]) != (asked["sender"], asked["recipient"]):
        return False
    if asked["purpose"] not in request["purposes"]:
        return False
    if "item" in request:
        return request["item"] == item["id"]
    return any(
        set(thing["categories"]) & set(request["categories"])
        and at_its_levels(world, request, level_at(world, thing, asked["at"]))
        for thing in whole(world, item)
    )
