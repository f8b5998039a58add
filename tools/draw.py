"""Write into docs/lifecycle.md what it draws from the tables."""

from __future__ import annotations

from pathlib import Path

from comity.accords.table import diagram

PAGE = Path(__file__).parent.parent / "docs" / "lifecycle.md"
BEGIN, END = "<!-- drawn from the tables -->", "<!-- end -->"


def main() -> None:
    """Replace what stands between the two marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    drawn = f"{before}{BEGIN}\n{diagram()}{END}{after}"
    _ = PAGE.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
