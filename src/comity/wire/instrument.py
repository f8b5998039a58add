"""Instruments as signed records: the text of one table of a world's file, and who signed it.

A record that every performer signed *is* the instrument. One that another signed records
an instrument that was served otherwise, on paper or by word; it says so of itself, and a
reader never takes it for the performer's own. The format is ``docs/formats/envelope.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from comity.accords.accord import Accord
from comity.accords.binding import bind
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.toml import read_tables
from comity.errors import Finding, InvalidInput, Unreadable
from comity.signed import text
from comity.signed.algorithms import ED25519, MLDSA65, Signer
from comity.signed.dsse import Keys, Named, open_signed, sign, signers_table
from comity.wire.fields import Fields, refuse

FORMAT = "comity-instrument/1"
PAYLOAD_TYPE = "application/vnd.comity.instrument+json"
RECORD_BYTES_MAX = 256 * 1024  # a note has a page; its signatures have five kilobytes each
RECORD = frozenset({ED25519, MLDSA65})
"""The algorithms with which each party signs what has to stand for decades."""

_WHAT = "an instrument's record"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An instrument and the signed record that it was read from.

    Attributes:
        signed_by: the parties whose signatures it bears.
        raw: the record as it came.
    """

    instrument: Instrument
    signed_by: tuple[str, ...]
    raw: bytes = field(repr=False)

    @property
    def performed(self) -> bool:
        """Whether it is the instrument itself: everybody who performs it signed it.

        If not, it is the word of those who signed it that there is such an instrument.
        """
        return set(self.instrument.by) <= set(self.signed_by)


def write_instrument(
    accord: Accord, table: str, signers: Mapping[str, Sequence[Signer]]
) -> bytes:
    """Return the signed record of an instrument.

    Args:
        accord: that it is about.
        table: the text of one ``[[instrument]]``, exactly as a world's file has it.
        signers: of each party that signs, the two signers of its ``record`` keys.

    Raises:
        Unreadable: the text is not an instrument; with every finding.
        InvalidInput: nobody signs, or somebody with one algorithm alone.
    """
    instrument = read_table(table, accord)
    for party, own in signers.items():
        if {one.public.alg for one in own} != RECORD or len(own) != len(RECORD):
            refuse(
                f"`{party}` does not sign a record with {' and '.join(sorted(RECORD))}",
                code="algorithm-missing",
                hint="sign it with both of the party's `record` keys",
            )
    named = [
        Named(party=party, key=one.public) for party, own in signers.items() for one in own
    ]
    payload = text.write(
        {
            "accord": accord.id,
            "by": list(instrument.by),
            "format": FORMAT,
            "id": instrument.id,
            "signers": signers_table(named),
            "text": table,
        }
    )
    return sign(PAYLOAD_TYPE, payload, list(chain.from_iterable(signers.values())))


def accord_of(raw: bytes) -> str:
    """Return which accord a record says that it is about, before anything is verified.

    Raises:
        InvalidInput: it is no record.
    """
    envelope = Fields(text.read(raw, limit=RECORD_BYTES_MAX), _WHAT)
    return Fields(text.read(envelope.raw("payload")), _WHAT).word("accord")


def read_instrument(raw: bytes, accord: Accord, keys: Keys) -> Recorded:
    """Read a signed record. Everyone whom it names has signed it with both algorithms.

    Raises:
        InvalidInput: another form; a signature that is missing, wrong or by an unknown key;
            an accord, id or performer that the text does not bear out.
        Unreadable: the text is not an instrument; with every finding.
    """
    verified = open_signed(raw, PAYLOAD_TYPE, keys, RECORD, limit=RECORD_BYTES_MAX)
    fields = Fields(dict(verified.body), _WHAT)
    if fields.word("format") != FORMAT:
        refuse(f"{_WHAT} is of another format", code="bad-format")
    if fields.word("accord") != accord.id:
        refuse(f"{_WHAT} is about `{fields.word('accord')}`, and not `{accord.id}`")
    instrument = read_table(fields.prose("text"), accord)
    if (fields.word("id"), fields.words("by")) != (instrument.id, instrument.by):
        refuse(f"{_WHAT} names another id or performer than its text")
    return Recorded(instrument, verified.parties, raw)


def read_table(table: str, accord: Accord) -> Instrument:
    """Read the text of one ``[[instrument]]`` of an accord.

    Raises:
        Unreadable: with every finding.
    """
    findings: list[Finding] = []
    tables = read_tables(table.split("\n"), 1, findings)
    if len(tables) != 1 or tables[0].name != "instrument" or not tables[0].many:
        findings.append(
            Finding(
                line=1,
                code="not-one-instrument",
                message="the text of a record is not one `[[instrument]]` and nothing else",
                hint="give each instrument a record of its own",
            )
        )
        raise Unreadable(findings)
    row = bind(InstrumentTable, tables[0], findings)
    made: Instrument | None = None
    if row is not None and not findings:
        if row.accord not in (None, accord.id):
            refuse(f"the instrument `{row.id}` is about `{row.accord}`, not `{accord.id}`")
        try:
            made = row.instrument(accord.id, accord.zone)
        except InvalidInput as error:
            findings.append(
                Finding(line=1, code=error.code, message=error.message, hint=error.hint)
            )
    if made is None:
        raise Unreadable(findings)
    return made
