"""What keeps the lake quick while somebody writes to it all day: small files are joined."""

from eventlog.lake import rewriting, tables
from eventlog.lake.tables import EVENTS, REJECTS, Place

# Fewer are not worth a commit of their own. Each costs a reader about a millisecond.
_FEW = 64


def compact(place: Place) -> bool:
    """Join the small files of each table; whether there were any.

    Files that a clustering wrote and those of 8 MB or more are left alone, versions before are
    kept. Conflict when another rewrite came first.
    """
    names = (EVENTS, REJECTS, *tables.small(place))
    joined = [rewriting.merge(place, name, at_least=_FEW) for name in names]
    return any(one.rows for one in joined)
