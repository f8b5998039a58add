"""The command `verify`: evidence, offline, by keys that are known from outside."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.shared import show_json
from comity.errors import InvalidInput
from comity.exchange.terms import parties_of
from comity.signed import text
from comity.signed.keylist import read_history
from comity.wire.evidence import BUNDLE_BYTES_MAX, Report, entries_of, verify_bundle
from comity.worlds import read_bytes

FAILED = 1


@click.command("verify", short_help="Verify bundles of evidence, offline.")
@click.argument(
    "bundles", metavar="BUNDLE…", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--keys",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Key lists, or files of keys, that you have from the parties themselves.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def verify_command(
    context: click.Context, bundles: tuple[Path, ...], keys: Path | None, as_json: bool
) -> None:
    """Verify each BUNDLE by the keys of a folder that you trust, with no node and no network.

    The fingerprint of each party is printed: compare it with what its officers read aloud.
    Keys inside a bundle are its own claim. Without --keys nothing is proved, and the command
    ends with 1, as it does when anything does not hold.
    """
    anchors = None if keys is None else read_anchors(keys)
    reports = {}
    for path in bundles:
        if path.is_file() and path.stat().st_size > BUNDLE_BYTES_MAX:
            raise InvalidInput(
                f"`{path}` is larger than any bundle",
                hint="name a bundle",
                code="bad-bundle",
            )
        reports[str(path)] = verify_bundle(read_bytes(path), anchors)
    if as_json:
        show_json(
            {
                name: {
                    "proved": report.proved,
                    "simulated": report.simulated,
                    "found": [
                        {"holds": one.holds, "words": one.words} for one in report.found
                    ],
                }
                for name, report in reports.items()
            }
        )
    else:
        for party, lists in sorted((anchors or {}).items()):
            print_line = read_history(lists)[0].fingerprint
            click.echo(f"{party}: {print_line}")
        for name, report in reports.items():
            _show(name, report)
    if not all(report.proved for report in reports.values()):
        context.exit(FAILED)


def _show(name: str, report: Report) -> None:
    click.echo(f"\n{name}: {'proved' if report.proved else 'NOT PROVED'}")
    for line in entries_of(report):
        click.echo(f"  {line}")
    if report.simulated:
        click.echo("  its log ran under a simulated clock: of the world it proves nothing")


def read_anchors(folder: Path) -> dict[str, list[bytes]]:
    """Return the key lists of a folder, by party, oldest first.

    Raises:
        InvalidInput: a file is neither a key list nor a file of keys, or there is none.
    """
    found: dict[str, set[bytes]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        raw = read_bytes(path)
        body = text.read(raw)
        if "lists" in body:
            party, lists, _ = parties_of(raw)
            found.setdefault(party, set()).update(lists)
        else:
            found.setdefault(read_history([raw])[0].party, set()).add(raw)
    if not found:
        raise InvalidInput(
            f"`{folder}` has no key lists",
            hint="put there what each party gave you: `comity partner invite` writes such files",
            code="no-keys",
        )
    return {party: sorted(lists, key=_version) for party, lists in found.items()}


def _version(raw: bytes) -> int:
    payload = text.read(text.read_base64(text.read(raw)["payload"]))
    return int(payload["version"])
