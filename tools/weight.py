"""Print how many packages are installed beside this program, and how large they are."""

from __future__ import annotations

import sys
from importlib.metadata import distributions

OURS = {"comity", "pip", "setuptools"}


def main() -> None:
    """Print one line."""
    found = {d.metadata["Name"].lower(): d for d in distributions(path=sys.path[1:])}
    kept = {name: d for name, d in found.items() if name not in OURS}
    size = sum(
        path.stat().st_size
        for d in kept.values()
        for file in d.files or ()
        if (path := d.locate_file(file)).is_file()  # type: ignore[attr-defined]
    )
    print(f"{len(kept)} packages, {size / 1e6:.1f} MB: {', '.join(sorted(kept))}")


if __name__ == "__main__":
    main()
