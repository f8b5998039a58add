"""The plain oracle: may an item go to a party at an instant? Written from the pages alone.

It reads a world's folder by itself and uses nothing of ``comity``. It is slow and says only
yes or no, with the first thing that is in the way. What it does not know it refuses to answer.
"""

from __future__ import annotations

from datetime import date

from oracle.reads import NEVER, NotCovered, latest_end, next_day, span_of, start_of
from oracle.stands import is_bound, put_out_from, stands, stands_at_all


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
    home = item.get("originators") == [asked["recipient"]]
    wrong = unknown(world, item, asked) or missing(item, asked)
    if not wrong and not home:
        wrong = invalid_label(world, item, asked) or label_keeps_it(world, item, asked)
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


def missing(item: dict, asked: dict) -> str | None:
    if not item.get("originators") or not item["categories"]:
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
            by = set(act["by"]) & set(item.get("originators", []))
            if by:
                changes.append((act["span"], act["level"], by))
    if len(changes) > 1:
        raise NotCovered(f"{item['id']}: its level changes more than once")
    level = item["level"]
    for (first, last), new, by in changes:
        if stands_above(world, new, level):
            level = new if first <= at else level
        elif new != level:  # lower, or beside it
            everybody = by is None or by == set(item["originators"])
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
    if "noforn" in caveats(world, item, asked) and (
        "release_to" in item or "display_to" in item
    ):
        return "noforn beside a list"
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
        shown = item["kind"] in world.get("display_kinds", [])
        if not shown or not on_list(world, item, asked, "display_to"):
            return "to be shown only"
    elif "relido" not in found and not let_have(world, item, asked):
        return "the originator does not let it go there"
    if put_out(world, item, asked):
        return "put out of the community"
    return holders_only(world, item, asked)


def let_have(world: dict, item: dict, asked: dict) -> bool:
    """Say whether the item's list, or without one the audience of its level, has the recipient."""
    recipient, at = asked["recipient"], asked["at"]
    level = rung(world, asked["level"])
    audience = level.get("audience")
    community = world["policies"][asked["level"].partition(":")[0]].get("community")
    in_community = audience != "community" or (
        community is not None and in_group(world, community, recipient, item, at)
    )
    if "release_to" not in item and "display_to" not in item:
        return audience == "public" or (audience == "community" and in_community)
    if on_list(world, item, asked):
        return in_community
    if item["kind"] in world.get("display_kinds", []) and on_list(
        world, item, asked, "display_to"
    ):
        return in_community
    if audience == "clients" and asked["sender"] not in item["originators"]:
        return any(
            group.get("clients_of") is not None
            and in_group(world, group["id"], recipient, item, at)
            and on_list(world, item, {**asked, "recipient": group["clients_of"]})
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
        return found.get("clients_of") != party and is_bound(
            world, found["accord"], party, at
        )
    return any(
        member["party"] == party
        and span_of(member["since"], world["zone"])[1] <= at
        and ("before" not in member or at < span_of(member["before"], world["zone"])[0])
        for member in found["members"]
    )


def put_out(world: dict, item: dict, asked: dict) -> bool:
    """Say whether the recipient was put out of the community after the item was made."""
    policy, level = (
        world["policies"][asked["level"].partition(":")[0]],
        rung(world, asked["level"]),
    )
    if "community" not in policy:
        return False
    if level.get("audience") == "public" and "release_to" not in item:
        return False
    group, at, zone = world["groups"][policy["community"]], asked["at"], world["zone"]
    if "accord" in group:
        out = [put_out_from(world, group["accord"], asked["recipient"], at)]
    else:
        out = [
            span_of(member["before"], zone)[0]
            for member in group["members"]
            if member["party"] == asked["recipient"] and member.get("removed")
        ]
    out = [moment for moment in out if moment is not None and moment <= at]
    if not out:
        return False
    return "made" not in item or span_of(item["made"], zone)[0] < max(out)


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
            and {*item["categories"], "any"} & set(hold["categories"])
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
        and item["originators"] == [leave["by"]]
        and len(set(leave["signed_by"])) > 1
        and asked["recipient"] in leave["to"]
        and asked["purpose"] in leave["purposes"]
        and span_of(leave["since"], zone)[1]
        <= asked["at"]
        < span_of(leave["before"], zone)[0]
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
    if item["originators"] == [asked["recipient"]] and policy == theirs:
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
    for tag_set, _, tag in marks(world, item, level):
        if tag_set["type"] == "informative" or any(
            tag in row.get("tags", []) for row in common
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
    if rule.get("as_given", True) and asked["purpose"] != item["purpose"]:
        for who in item["originators"]:
            pair = (asked["sender"], asked["recipient"])
            if who not in pair and not consented(world, item, asked, who, accord["id"]):
                return f"another purpose without the consent of {who}"
    return None


def third_parties(world: dict, accord: dict, item: dict, asked: dict) -> str | None:
    """Say which originator that is neither sender nor recipient has not agreed."""
    third = [
        o for o in item["originators"] if o not in (asked["sender"], asked["recipient"])
    ]
    onward = asked["sender"] not in item["originators"]
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
            if says == "by marking" and not agreed and not let_have(world, item, asked):
                return f"third party {who}, by marking"
            if says not in ("each originator", "by marking", "never", "not needed"):
                raise NotCovered(f"third party: {says}")
    if "orcon" in caveats(world, item, asked) and onward:
        for who in third:
            if not consented(world, item, asked, who, accord["id"]):
                return f"orcon of {who}"
    return None


def not_released(world: dict, accord: dict, item: dict, asked: dict) -> str | None:
    """Say whose leave is lacking for one whom the list does not name, where leave may be asked."""
    if item["originators"] == [asked["recipient"]] or let_have(world, item, asked):
        return None
    if "relido" not in caveats(world, item, asked):
        return None
    for who in item["originators"]:
        if not consented(world, item, asked, who, accord["id"]):
            return f"relido of {who}"
    return None


def received_under(world: dict, item: dict, asked: dict) -> set[str]:
    """Return the accords under which the sender is on record as having received the item."""
    return {
        act["accord"]
        for act in world["acts"]
        if act["do"] == "release"
        and act["item"] == item["id"]
        and act["to"] == asked["sender"]
        and act["span"][0] <= asked["at"]
    }


def parties_of_gift(world: dict, item: dict, asked: dict, under: str) -> tuple[str, str]:
    for act in world["acts"]:
        if (act["do"], act["accord"]) != ("release", under):
            continue
        if (act["item"], act["to"]) == (item["id"], asked["sender"]):
            return act.get("holder", act["by"][0]), asked["sender"]
    raise NotCovered("a release by nobody")


def consented(world: dict, item: dict, asked: dict, who: str, accord: str | None) -> bool:
    """Say whether an originator's written consent covers this release, and still counts."""
    for act in world["acts"]:
        if act["do"] != "consent" or who not in act["by"] or act["span"][1] > asked["at"]:
            continue
        zone = world["accords"][act["accord"]]["zone"]
        by_class = "item" not in act and (
            set(item["categories"]) <= set(act["categories"])
            and asked["level"] in act["levels"]
        )
        end = NEVER
        if "until" in act:
            end = start_of(next_day(date.fromisoformat(act["until"])), zone)
        taken_back = any(
            other["do"] == "revoke_consent"
            and other["consent"] == act["id"]
            and who in other["by"]
            and other["span"][0] <= asked["at"]
            for other in world["acts"]
        )
        if (
            (accord is None or act["accord"] == accord)
            and act["form"] == "written"
            and not act["recalled"]
            and (act["holder"], act["to"]) == (asked["sender"], asked["recipient"])
            and asked["purpose"] in act["purposes"]
            and (act.get("item") == item["id"] or by_class)
            and asked["at"] < end
            and not taken_back
        ):
            return True
    return False
