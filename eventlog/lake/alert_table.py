"""The lake's table of alerts: one row for every change, and how far each channel has heard them."""

from eventlog import schema
from eventlog.lake.numbered_table import NumberedTable
from eventlog.lake.tables import ALERTS, Place

# Numbers the changes: of two evaluations at once, only one is let in.
_CHANGES = "runut:alerts"


class AlertTable(NumberedTable):
    """All that was told of alerts, with the columns of `schema.ALERTS`."""

    def __init__(self, place: Place, *, process: str) -> None:
        super().__init__(
            place, process=process, name=ALERTS, columns=schema.ALERTS, stream=_CHANGES
        )

    def heard(self, channel: str) -> int | None:
        """How many changes, from the first on, `channel` has heard; None: it is not known yet."""
        return self._position(_stream(channel))

    def note(self, channel: str, heard: int) -> None:
        """Write down how many changes `channel` has heard; Conflict when somebody else did."""
        if self.version is None:
            raise ValueError(f"{channel} cannot have heard {heard} changes: there is none yet")
        self._move(_stream(channel), heard)


def _stream(channel: str) -> str:
    return f"{_CHANGES}:{channel}"
