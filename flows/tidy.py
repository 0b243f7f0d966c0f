"""Keeps a lake quick: small files joined, cases laid together, what is past its keeping removed."""

from pathlib import Path
from typing import TYPE_CHECKING

from flows import wire
from flows.settings import Settings

if TYPE_CHECKING:
    from eventlog.lake import TidyReport


def tidy(settings: Settings, *, here: Path) -> "TidyReport":
    """Tidy the lake that `settings` name; older versions are kept as long as its process says."""
    process = wire.definition(settings, here=here)
    return wire.open_lake(settings).tidy(retention=process.privacy.retention)
