"""Within how many seeds a planted bug is found."""

from simulate.planted import PLANTED
from simulate.run import simulate


def found_at(name, within):
    """Return the first seed that shows a planted bug and what did not hold, or None."""
    _, _, make = PLANTED[name]
    with make():
        for seed in range(within):
            problems = simulate(seed).problems
            if problems:
                return seed, problems[0][0]
    return None, ""
