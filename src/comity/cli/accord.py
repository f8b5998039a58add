"""``new``, ``check``, ``format``, ``confirm``, ``show``, ``digest``, ``diff`` and the rest: the text."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from comity.accords import Accord, check, load_accord, read_accord
from comity.accords.accord import Amendment, read_amendment
from comity.accords.clock import Clock
from comity.accords.confirm import confirm
from comity.accords.diff import diff, say_clause
from comity.accords.schema import accord_schema
from comity.accords.text import canonical, digest, read_document
from comity.changes.compare import compare
from comity.cli.compared import show_worlds
from comity.cli.comparedjson import worlds_json
from comity.cli.deep import deep
from comity.cli.shared import (
    first_zone,
    show_json,
    show_table,
    talk,
    the_instant,
    the_items,
)
from comity.errors import Finding, InvalidInput, Severity, Unreadable
from comity.release import World
from comity.release.rows import ArticleKept, Kept, kept, propose, run, unproven
from comity.release.worldchecks import check_world
from comity.report.page import accord_page
from comity.worlds import (
    is_file,
    is_folder,
    load_rows,
    load_world,
    other_version,
    proposed_text,
    read_bytes,
    read_world,
    rows_path,
    write_skeleton,
)

INVALID = 3


def finding_json(finding: Any) -> dict[str, Any]:
    """Return a finding for programs."""
    return {
        "where": finding.where or None,
        "line": finding.line or None,
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
    }


@click.command("new", short_help="Write an agreement of your own to start from.")
@click.argument("name")
@click.option(
    "--in",
    "parent",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder to write it in. Default: this one.",
)
def new_command(name: str, parent: Path) -> None:
    """Write a commented agreement of your own to start from: the folder NAME.

    The folder is a small world that works as it stands: two parties, an agreement, what
    was done, an item, and the tests beside the agreement.
    """
    root = write_skeleton(parent, name)
    talk(f"wrote {root}")
    talk("next:")
    talk(f"  comity check {root}")
    talk(f"  comity clock {root} {name} --at 2026-06-01T12:00:00Z")
    talk(
        f"  comity try {root} --item sample --from north --to south"
        " --at 2026-06-01T12:00:00Z"
    )
    talk(f"  then open {root}/accords/{name}.accord.md and make it yours")


@click.command("check", short_help="Check accords or worlds, and report every finding.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--deep",
    "is_deep",
    is_flag=True,
    help="Also look for rules and acts that decide nothing. Needs comity[proof].",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def check_command(files: tuple[Path, ...], is_deep: bool, as_json: bool) -> int:
    """Check accords (FILE.accord.md) or whole worlds (a folder), and report every finding.

    Runs the tests beside each accord, and says for each article whether it is enforced (a
    test would miss its rules), evidenced, or recorded only. Exit 3 on an error.
    """
    findings: list[Finding] = []
    articles: dict[str, tuple[ArticleKept, ...]] = {}
    asked = deep() if is_deep else None
    for path in files:
        if path.is_dir():
            world, found = read_world(path)
            findings += found
            if world is not None:
                findings += check_world(world)
                findings += () if asked is None else asked.of_world(world)
            paths = sorted(path.glob("accords/*.accord.md"))
        else:
            paths = [path]
            accord, _ = read_accord(read_bytes(path), str(path))
            if accord is not None and asked is not None:
                findings += asked.of_accord(accord)
        for one in paths:
            found_here, kept_here = _check_file(one)
            findings += [f for f in found_here if f not in findings]
            if kept_here:
                articles[str(one)] = kept_here
    errors = sum(f.severity is Severity.ERROR for f in findings)
    if as_json:
        show_json(
            {
                "findings": [finding_json(f) for f in findings],
                "articles": {
                    name: [
                        {
                            "article": a.number,
                            "title": a.title,
                            "kept": str(a.kept),
                            "rows": list(a.rows),
                        }
                        for a in found
                    ]
                    for name, found in articles.items()
                },
            }
        )
    else:
        _show_check(findings, articles)
    return INVALID if errors else 0


def _show_check(
    findings: list[Finding], articles: dict[str, tuple[ArticleKept, ...]]
) -> None:
    unread = [f for f in findings if f.code == "unread-rule"]
    for finding in sorted(findings, key=lambda f: f.severity is Severity.WARNING):
        if finding.code != "unread-rule":
            click.echo(str(finding), err=True)
    for where, count in Counter(f.where for f in unread).items():
        click.echo(
            f"{where}: warning: {_count(count, 'rule')} that nobody has confirmed against the"
            " words"
            " [unread-rule]\n  hint: `comity confirm FILE ARTICLE --by NAME`, article by"
            " article; `comity check --json` lists them",
            err=True,
        )
    for name, found in articles.items():
        counts = Counter(a.kept for a in found)
        said = ", ".join(f"{counts[how]} {how}" for how in Kept)
        click.echo(f"{name}: {_count(len(found), 'article')}: {said}")
    errors = sum(f.severity is Severity.ERROR for f in findings)
    warnings = len(findings) - errors
    click.echo(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}", err=True)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _check_file(path: Path) -> tuple[list[Finding], tuple[ArticleKept, ...]]:
    accord, findings = read_accord(read_bytes(path), str(path))
    if accord is None:
        return findings, ()
    findings += check(accord, str(path))
    tests = rows_path(path)
    try:
        rows = load_rows(tests, accord)
    except Unreadable as error:
        return [*findings, *error.findings], ()
    if rows is None:
        findings.append(
            Finding(
                where=str(path),
                code="no-tests",
                severity=Severity.WARNING,
                message=f"there is no `{tests.name}` beside it: no article counts as enforced",
                hint=f"`comity propose {path}` proposes rows to start from",
            )
        )
        return findings, kept(None, accord)
    version = other_version(rows, accord, tests)
    findings += [] if version is None else [version]
    for failed in run(rows, accord):
        findings.append(
            Finding(
                where=str(tests),
                line=failed.row.line,
                code="row-fails",
                message=f"row `{failed.row.name}` answers `{failed.answer}`, and expects"
                f" `{failed.row.answer}`",
                hint="mend the rule or the row, whichever does not say what the text says",
            )
        )
    for clause in unproven(rows, accord):
        findings.append(
            Finding(
                where=str(path),
                line=clause.line,
                code="rule-without-row",
                severity=Severity.WARNING,
                message=f"no test would miss this rule of {clause.cites}",
                hint=f"add a row to `{tests.name}` whose answer depends on it",
            )
        )
    return findings, kept(rows, accord)


@click.command("format", short_help="Bring accord files into canonical form.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--check", "only_check", is_flag=True, help="Change nothing; exit 3 if it would."
)
def format_command(files: tuple[Path, ...], only_check: bool) -> int:
    """Bring accord files into canonical form, as far as that changes no word.

    Mends line ends, tabs, white space at the ends of lines and the final line end.
    Characters are never normalised: what stays wrong is reported, with exit 3.
    """
    code = 0
    for path in files:
        raw = read_bytes(path)
        mended, findings = canonical(raw)
        if mended != raw:
            if only_check:
                talk(f"{path}: not in canonical form")
                code = INVALID
            else:
                _ = path.write_bytes(mended)
                talk(f"{path}: mended")
        for finding in findings:
            click.echo(str(replace(finding, where=str(path))), err=True)
            code = INVALID
    return code


@click.command(
    "confirm", short_help="Record that somebody has read an article and its rules."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("article")
@click.option("--by", required=True, metavar="NAME", help="Who has read the words.")
def confirm_command(file: Path, article: str, by: str) -> None:
    """Record that NAME has read ARTICLE's words in FILE and that its rules say the same.

    ARTICLE is `21` for all its rules or `21(3)` for those of a paragraph. Only this
    command writes the digest of what was read. It makes another version of the text.
    """
    before = _accord_or_amendment(file)
    raw, count = confirm(read_bytes(file), article, by, str(file))
    for clause in before.clauses:
        if clause.cites == article or clause.cites.startswith(f"{article}("):
            talk(f"{before.document.place(clause.cites)}, line {clause.line}:")
            talk(f"  {say_clause(clause)}")
            if clause.read_by not in (None, by):
                talk(f"  read before by {clause.read_by}, whose name this replaces")
    _ = file.write_bytes(raw)
    rules = "rule" if count == 1 else "rules"
    talk(f"{file}: {count} {rules} of {article} confirmed by {by}")
    talk(f"the version is now {digest(raw)}")


def _accord_or_amendment(file: Path) -> Accord | Amendment:
    """Read an accord, or an amendment of one.

    Raises:
        Unreadable: it is neither.
    """
    raw = read_bytes(file)
    if file.name.endswith(".amendment.md"):
        amendment, findings = read_amendment(raw, str(file))
        if amendment is None:
            raise Unreadable(findings)
        return amendment
    return load_accord(raw, str(file))


@click.command("digest", short_help="Print a version's identity.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def digest_command(files: tuple[Path, ...]) -> None:
    """Print the identity of each accord file's version, and the digest of its words alone."""
    for path in files:
        accord = load_accord(read_bytes(path), str(path))
        click.echo(f"{accord.digest}  {path}")
        click.echo(f"{accord.document.text_digest}  words alone")


@click.command("show", short_help="Show an accord or a world.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def show_command(path: Path, as_json: bool) -> None:
    """Show an accord's articles and how each is kept, or what a world holds."""
    if path.is_dir():
        _show_world(load_world(path), as_json)
        return
    raw = read_bytes(path)
    accord, findings = read_accord(raw, str(path))
    if accord is None:
        _show_unknown(raw, findings)
        return
    found = kept(load_rows(rows_path(path), accord), accord)
    if as_json:
        show_json(
            {
                "id": accord.id,
                "title": accord.title,
                "digest": accord.digest,
                "parties": list(accord.parties),
                "zone": accord.zone.name,
                "law": str(accord.front.law),
                "articles": [
                    {"article": a.number, "title": a.title, "kept": str(a.kept)}
                    for a in found
                ],
            }
        )
        return
    click.echo(accord.title)
    click.echo(
        f"{accord.id}, parties {', '.join(accord.parties)}, days of {accord.zone.name}"
    )
    click.echo(accord.digest)
    show_table(
        ["article", "title", "kept"], ((a.number, a.title, str(a.kept)) for a in found)
    )


def _show_unknown(raw: bytes, findings: list[Finding]) -> None:
    """Show a file of a newer format as words alone; refuse what cannot be read.

    Raises:
        Unreadable: anything but a newer format is wrong with it.
    """
    if {f.code for f in findings if f.severity is Severity.ERROR} != {"newer-format"}:
        raise Unreadable(findings)
    document = read_document(raw)
    talk(str(next(f for f in findings if f.code == "newer-format")))
    click.echo(document.title)
    show_table(
        ["article", "title"], ((a.number, a.title) for a in document.articles if a.number)
    )


def _show_world(world: World, as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "id": world.id,
                "title": world.title,
                "parties": {p.id: p.name for p in world.parties.values()},
                "accords": [a.id for a in world.accords],
                "instruments": [i.id for i in world.instruments],
                "items": sorted(world.items),
                "facts": world.facts(),
            }
        )
        return
    click.echo(world.title)
    click.echo(
        "parties: " + ", ".join(f"{p.id} ({p.name})" for p in world.parties.values())
    )
    show_table(
        ["accord", "title", "instruments"],
        (
            (
                a.id,
                a.title,
                ", ".join(i.id for i in Clock(a, world.instruments).instruments),
            )
            for a in world.accords
        ),
    )
    counts = ", ".join(f"{count} {word}" for word, count in world.facts().items())
    click.echo(f"facts on record: {counts}")
    click.echo("items: " + (", ".join(sorted(world.items)) or "none"))


@click.command("diff", short_help="Show how two versions, or two worlds, differ.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--at",
    metavar="INSTANT",
    help="Of worlds: at this instant; without an offset in the zone of the first party of"
    " OLD. Default: now.",
)
@click.option(
    "--items",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Of worlds: these items, instead of those of NEW.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def diff_command(
    old: Path, new: Path, at: str | None, items: Path | None, as_json: bool
) -> None:
    """Show how two versions of an accord differ, article by article, in words and rules.

    Of two worlds (folders): what may go in one alone, what goes otherwise or is refused
    for another reason, and which standings and dates ahead differ, at an instant.
    """
    for path in (old, new):
        if not (is_file(path) or is_folder(path)):
            _ = read_bytes(path)  # which says why it cannot be read
    if old.is_dir() is not new.is_dir():
        raise InvalidInput(
            f"one of `{old}` and `{new}` is a world and one an accord's file",
            hint="compare two files, or two worlds",
            code="not-alike",
        )
    if old.is_dir():
        _diff_worlds(old, new, at, items, as_json)
    elif at is not None or items is not None:
        raise InvalidInput(
            "`--at` and `--items` are for worlds", hint="give two folders", code="not-alike"
        )
    else:
        _diff_files(old, new, as_json)


def _diff_worlds(
    old: Path, new: Path, at: str | None, items: Path | None, as_json: bool
) -> None:
    first, second = load_world(old), load_world(new)
    zone = first_zone(first)
    instant = the_instant(at, zone)
    found = compare((first, instant), (second, instant), items=the_items(second, items))
    if as_json:
        show_json(worlds_json(found, zone))
    else:
        click.echo(f"the first: {old}\nthe second: {new}\nat {zone.say(instant)}")
        show_worlds(found, zone)


def _diff_files(old: Path, new: Path, as_json: bool) -> None:
    one, other = (load_accord(read_bytes(p), str(p)) for p in (old, new))
    found = diff(one, other)
    if as_json:
        show_json(
            [
                {
                    "article": d.number,
                    "words": list(d.words),
                    "removed": list(d.removed),
                    "added": list(d.added),
                }
                for d in found
            ]
        )
        return
    if not found:
        talk("words and rules are the same" + _same_bytes(one, other))
    for part in found:
        click.echo(f"article {part.number} {part.title}".rstrip())
        for line in part.words[2:]:
            click.echo(f"  {line}")
        for line in part.removed:
            click.echo(f"  - rule {line}")
        for line in part.added:
            click.echo(f"  + rule {line}")


def _same_bytes(one: Accord, other: Accord) -> str:
    return (
        "" if one.digest == other.digest else "; the bytes are not: it is another version"
    )


@click.command("propose", short_help="Propose tests at every edge.")
@click.argument("file", type=click.Path(path_type=Path))
def propose_command(file: Path) -> None:
    """Propose tests for FILE: what its rules say at every edge, a second before and on it.

    Needs the instruments in the tests file beside it. Read each row against the text
    before keeping it.
    """
    accord = load_accord(read_bytes(file), str(file))
    rows = load_rows(rows_path(file), accord)
    if rows is None or not rows.instruments:
        there = "has no instruments" if rows is not None else "is not there"
        first = (
            "" if rows is not None else f'begin it with `about = "{accord.digest}"`, and '
        )
        raise InvalidInput(
            f"`{rows_path(file)}` {there}: without acts nothing has an edge",
            hint=first
            + "add `[[instrument]]` tables: a signature, notifications, a notice",
            code="no-instruments",
        )
    talk(f"to keep them, add the rows to `{rows_path(file)}`, each read against the text")
    click.echo(proposed_text(propose(accord, rows.instruments), accord), nl=False)


@click.command("schema", short_help="Print the JSON Schema of the rules.")
def schema_command() -> None:
    """Print the JSON Schema of the rule blocks, generated from the clause types."""
    show_json(accord_schema())


@click.command("print", short_help="Print text and rules as one page.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where to; default stdout.")
def print_command(file: Path, out: Path | None) -> None:
    """Print FILE's text and rules as one page, side by side, for people to sign off."""
    accord = load_accord(read_bytes(file), str(file))
    page = accord_page(accord, kept(load_rows(rows_path(file), accord), accord))
    if out is None:
        click.echo(page, nl=False)
    else:
        _ = out.write_text(page, encoding="utf-8")
        talk(f"wrote {out}")


COMMANDS = (
    new_command,
    check_command,
    format_command,
    confirm_command,
    digest_command,
    show_command,
    diff_command,
    propose_command,
    schema_command,
    print_command,
)
