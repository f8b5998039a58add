"""Counts for a monitor, in the text format of Prometheus.

A metric counts and has no content. Its labels are a partner, a state or a reason: no item,
no person, and no accord, since that one exists may be classified.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.exchange.desk import Count

METRICS = {
    "comity_outgoing": ("gauge", "What was sent, by partner and state."),
    "comity_incoming": ("gauge", "What came, by partner and verdict."),
    "comity_refused_total": ("counter", "What was refused or denied, by reason."),
    "comity_partner_heard_seconds": ("gauge", "When a partner last answered or sent."),
    "comity_world_version": (
        "gauge",
        "The version of the world that decisions are made in.",
    ),
    "comity_strangers_total": ("counter", "Unknown peers that were turned away."),
    "comity_turned_away_total": ("counter", "Connections beyond the limits."),
    "comity_consignments_total": ("counter", "Consignments that came and were answered."),
    "comity_groups_total": ("counter", "Groups that were committed together."),
    "comity_calls_total": ("counter", "Calls in those groups."),
}


def exposition(counts: Iterable[Count]) -> str:
    """Return counts as text; those of one metric stand together, under its help."""
    by_name: dict[str, list[Count]] = {}
    for count in counts:
        by_name.setdefault(count.name, []).append(count)
    lines = []
    for name, (kind, says) in METRICS.items():
        if name in by_name:
            lines += [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]
            lines += [f"{name}{_labels(one)} {one.value}" for one in by_name[name]]
    return "\n".join(lines) + "\n"


def _labels(count: Count) -> str:
    said = [
        f'{label}="{_escaped(value)}"'
        for label in ("partner", "state", "reason")
        if (value := getattr(count, label))
    ]
    return "{" + ",".join(said) + "}" if said else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
