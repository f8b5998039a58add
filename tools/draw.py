"""Write into the pages what they draw from the tables."""

from __future__ import annotations

from pathlib import Path

from comity.accords.table import diagram
from comity.wire.conversation import diagrams

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {"lifecycle.md": diagram, "formats/consignment.md": diagrams}
BEGIN, END = "<!-- drawn from the tables -->", "<!-- end -->"


def main() -> None:
    """Replace what stands between the two marks of each page."""
    for name, draw in PAGES.items():
        text = (DOCS / name).read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        drawn = f"{before}{BEGIN}\n{draw()}{END}{after}"
        _ = (DOCS / name).write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
