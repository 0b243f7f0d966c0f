"""One step of one permit: who did what to which application, and when."""

from enum import StrEnum

import msgspec

# Events outside these years are typing errors of a source system, not history (interface.md).
EARLIEST_YEAR = 1900
LATEST_YEAR = 2200


class Lifecycle(StrEnum):
    """Where an execution of an activity stands; the five words that Runut keeps."""

    SCHEDULE = "schedule"
    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    COMPLETE = "complete"


# Codes in `Log.lifecycle` are positions in this tuple, so that kernels never see words.
LIFECYCLES: tuple[str, ...] = tuple(Lifecycle)
COMPLETE = LIFECYCLES.index(Lifecycle.COMPLETE)
START = LIFECYCLES.index(Lifecycle.START)

# The XES standard has thirteen transitions and real logs have more spellings. Whatever hands the
# work to somebody is a schedule; whatever takes it off the list without more work is a complete.
LIFECYCLE_WORDS: dict[str, str] = {
    **{word: word for word in LIFECYCLES},
    "assign": "schedule",
    "reassign": "schedule",
    "autoskip": "complete",
    "manualskip": "complete",
    "withdraw": "complete",
    "ate_abort": "complete",
    "pi_abort": "complete",
    "": "complete",
    "unknown": "complete",
}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One permit-processing event, as interface.md writes it.

    `timestamp` is in microseconds since 1970 in UTC. `case` holds the case attributes that came
    with this event, as the source's text; None stands for "said nothing".
    """

    case_id: str
    activity: str
    timestamp: int
    event_id: str | None = None
    sequence: int | None = None
    lifecycle: str = Lifecycle.COMPLETE.value
    resource: str | None = None
    unit: str | None = None
    case: dict[str, str | None] = {}
    attributes: dict[str, object] = {}
