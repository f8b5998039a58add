"""The command ``comity``: its groups, its exit codes, and how errors are said.

Exit codes: 0 yes or done, 2 denied, 3 what was given cannot be read, 4 what is needed is not
at hand, 1 failed. Data goes to stdout, talk to stderr. No traceback for anybody's mistake.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import click

from comity.cli import (
    accord,
    book,
    clock,
    deadlines,
    duties,
    exchange,
    gate,
    keys,
    label,
    lapse,
    log,
    node,
    officer,
    partners,
    readouts,
    register,
    release,
    replay,
    route,
    verify,
)
from comity.errors import (
    ComityError,
    InvalidInput,
    NotAtHand,
    NotKnown,
    Unreadable,
    printable,
)

OK, FAILED, DENIED, INVALID, NOT_AT_HAND = 0, 1, 2, 3, 4


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90}
)
@click.version_option(version("comity"), prog_name="comity")
def cli() -> None:
    """Share sensitive information under an agreement, and only while it stands.

    An agreement is a text with a clock. Write it and check it; ask what it is at any
    instant, what could still save it, and whether an item may go to a party, and why not.

    Exit codes: 0 yes or done, 2 denied, 3 what was given cannot be read, 4 what is needed
    is not at hand, 1 failed.
    """


for command in (
    *accord.COMMANDS,
    *clock.COMMANDS,
    *deadlines.COMMANDS,
    *book.COMMANDS,
    *release.COMMANDS,
    *duties.COMMANDS,
    *label.COMMANDS,
    *route.COMMANDS,
    *lapse.COMMANDS,
    *readouts.COMMANDS,
    *replay.COMMANDS,
    *node.COMMANDS,
    *keys.COMMANDS,
    *partners.COMMANDS,
    *exchange.COMMANDS,
    *officer.COMMANDS,
    *register.COMMANDS,
    verify.verify_command,
    *gate.COMMANDS,
    *log.COMMANDS,
):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in words
    try:
        code = cli.main(args=words, prog_name="comity", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else OK)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help())
        sys.exit(OK)
    except click.UsageError as error:
        command = "comity" if error.ctx is None else error.ctx.command_path
        _say(as_json, "usage", error.format_message(), f"see `{command} --help`", ())
        sys.exit(INVALID)
    except click.Abort:
        sys.exit(FAILED)
    except Unreadable as error:
        _say(as_json, error.code, error.message, error.hint, error.findings)
        sys.exit(INVALID)
    except ComityError as error:
        _say(as_json, error.code, error.message, error.hint, ())
        wrong = isinstance(error, (InvalidInput, NotKnown))
        missing = isinstance(error, NotAtHand)
        sys.exit(INVALID if wrong else NOT_AT_HAND if missing else FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        name = error.filename or "a file"
        _say(as_json, "system", f"`{name}`: {reason}", "check the path and the rights", ())
        sys.exit(FAILED)
    except Exception as error:  # noqa: BLE001  the last door: a defect is said, not thrown
        _say(
            as_json,
            "defect",
            f"something in Comity itself failed ({type(error).__name__})",
            "please report it with the command and the files; nothing was released",
            (),
        )
        sys.exit(FAILED)


def _say(
    as_json: bool, code: str, message: str, hint: str, findings: tuple[object, ...]
) -> None:
    if as_json:
        body = {
            "code": code,
            "message": message,
            "hint": hint,
            "findings": [accord.finding_json(f) for f in findings],
        }
        click.echo(json.dumps({"error": body}, ensure_ascii=False, indent=2))
        return
    if findings:
        for finding in findings:
            click.echo(str(finding), err=True)
        return
    click.echo(printable(f"error: {message} [{code}]"), err=True)
    if hint:
        click.echo(printable(f"  hint: {hint}"), err=True)
