"""Where events are kept: an open Delta Lake folder with the position of each source in it.

`Lake` is one permit office's lake, `Writer` the one who adds to it for one stream of one source,
`JointWriter` for several.
"""

from eventlog.lake.shares import Share
from eventlog.lake.store import Lake
from eventlog.lake.tidying import TidyReport
from eventlog.lake.verdicts import Conflict
from eventlog.lake.writer import JointWriter, Part, Writer

__all__ = ["Conflict", "JointWriter", "Lake", "Part", "Share", "TidyReport", "Writer"]
