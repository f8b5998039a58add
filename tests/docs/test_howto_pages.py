"""The how-to pages are transcripts: the commands run as written and print what stands there."""

from __future__ import annotations

import pytest

from docs import pages, transcripts

HOWTOS = sorted((pages.DOCS / "howto").glob("*.md"))


@pytest.mark.parametrize("page", HOWTOS, ids=lambda page: page.stem)
def test_the_commands_run_as_written_and_print_what_the_page_shows(page, tmp_path):
    text = pages.text_of(page)
    assert pages.run_transcript(text, transcripts.prepare(tmp_path)) == text


@pytest.mark.parametrize("page", HOWTOS, ids=lambda page: page.stem)
def test_no_command_on_a_page_fails_by_a_defect(page):
    text = pages.text_of(page)
    assert "[defect]" not in text
    assert "[exit 1]" not in text


def test_a_reader_sees_a_permit_and_a_denial_on_the_first_page():
    text = pages.text_of(pages.DOCS / "howto" / "first-agreement.md")
    assert "\npermit: " in text
    assert "\ndeny: " in text
    assert "[exit 2]" in text
