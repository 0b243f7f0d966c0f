"""The lake's table of silences: for how long nobody is told of an alert, and who has seen one."""

from eventlog import schema
from eventlog.lake.numbered_table import NumberedTable
from eventlog.lake.tables import SILENCES, Place


class SilenceTable(NumberedTable):
    """All silences, acknowledgements and what ended them, with the columns of `schema.SILENCES`."""

    def __init__(self, place: Place, *, process: str) -> None:
        super().__init__(
            place,
            process=process,
            name=SILENCES,
            columns=schema.SILENCES,
            stream="runut:silences",
        )
