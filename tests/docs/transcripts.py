"""Run what the how-to pages show, and write down what comes out.

``python tests/docs/transcripts.py`` from the project's folder writes every page anew; read the
difference before you keep it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from docs import pages


def prepare(folder: Path) -> Path:
    """Put the worlds that the pages speak of into an empty folder."""
    _ = shutil.copytree(pages.ROOT / "worlds", folder / "worlds")
    return folder


def main() -> None:
    """Write every page with the output of its commands as it is now."""
    for page in sorted((pages.DOCS / "howto").glob("*.md")):
        with tempfile.TemporaryDirectory() as folder:
            text = pages.run_transcript(pages.text_of(page), prepare(Path(folder)))
            _ = page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
