"""Two attributes at once: whether those with one value of each fare worse than either explains."""

import numpy as np

from miners.equity.rows import Grouping

LEAST_ROWS = 50
"""Rows of a combination without which it is not one of its own."""


def crossed(a: Grouping, b: Grouping) -> Grouping:
    """Two attributes as one: `a+b`, with values such as `x+y`.

    Only combinations of 50 rows and more are values: thirty values of each would make 900, and
    below that nothing can be told of any. Rows of rarer ones have no value, as have those without
    the one or the other, so they are not among the others of a comparison either.

    What is left of the gap of a combination beside both attributes alone is what
    `adjusting.beside` tells. Where both have two values, this is the one interaction, and all four
    combinations tell it with one sign or the other: x+y and its opposite with the same, the two
    others with the other. So a combination is disadvantaged of its own only if its whole gap
    (`kernel.compare`) has the same sign as that.

    >>> place = np.repeat([0, 1], 100)
    >>> a = Grouping(attribute="sex", names=("f", "m"), place=place)
    >>> b = Grouping(attribute="kind", names=("firm", "person"), place=1 - place)
    >>> crossed(a, b).attribute, crossed(a, b).names
    ('sex+kind', ('f+person', 'm+firm'))
    """
    width = len(b.names)
    both = np.where((a.place >= 0) & (b.place >= 0), a.place * width + b.place, -1)
    counts = np.bincount(both[both >= 0], minlength=len(a.names) * width)
    frequent = counts >= LEAST_ROWS
    anew = np.append(np.where(frequent, np.cumsum(frequent) - 1, -1), -1)
    places = [divmod(cell, width) for cell in np.flatnonzero(frequent).tolist()]
    return Grouping(
        attribute=f"{a.attribute}+{b.attribute}",
        names=tuple(f"{a.names[x]}+{b.names[y]}" for x, y in places),
        place=anew[both],
    )
