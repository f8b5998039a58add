"""Within how many seeds a planted bug is found."""

from simulate.planted import PLANTED
from simulate.run import simulate


def found_at(name, within):
    """Return the first seed that shows a planted bug and what did not hold, or None."""
    _, _, make = PLANTED[name]
    with make():
        for seed in range(within):
            try:
                problems = simulate(seed).problems
            except Exception as error:  # noqa: BLE001 - a node that cannot go on is found too
                return seed, f"defect: {type(error).__name__}"
            if problems:
                return seed, problems[0][0]
    return None, ""
