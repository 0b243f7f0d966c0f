"""What all applications went through, and by what they are told apart, for what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.detour_times import OfficeTime
from engine.hidden import hidden_attributes
from engine.judging import Judged, cells
from engine.looks import Whole
from engine.voice import lived
from engine.voice.heard import Heard, complaint_activities, heard
from engine.voice.lived import LONGEST, TOTAL, Event, Waits
from engine.voice.splits import OUTCOME, Split, split_by_event, split_by_value, split_by_waiting
from eventlog.definition import Definition
from eventlog.kernels import Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class Lived:
    """What all cases went through, and by what they are told apart."""

    whole: Whole
    definition: Definition
    heard: Heard
    waits: Waits
    limits: Mapping[str, Int64s]
    events: Sequence[Event]
    stratum: Int64s
    compared_on: tuple[str, ...]

    def splits(self, moment: Int64s) -> list[Split]:
        """Every way to tell cases apart, by what had happened until a moment of each; [cases]."""
        whole, found = self.whole, list[Split]()
        for event in self.events:
            if event.limit is None and event.name != lived.REFUSED:
                found.append(split_by_event(event, moment))
        found += split_by_waiting(self.waits, self.limits, moment)
        if (ended := split_by_value(OUTCOME, whole.outcome, kind=OUTCOME)) is not None:
            found.append(ended)
        for name in _attributes(whole, self.definition):
            values = split_by_value(name, whole.attributes[name], kind="attribute")
            if values is not None:
                found.append(values)
        return found


def lived_by(whole: Whole, definition: Definition, judged: Judged) -> Lived:
    """Count it, for a process file that has a voice; `whole` must have work items."""
    voice = definition.voice
    assert voice is not None
    named = complaint_activities(voice.complaints, whole.coarse)
    said, time = heard(whole, named), OfficeTime.of(whole)
    waits = lived.waits_of(whole, time)
    longest, total = waits.until(said.ended)
    over = said.over
    limits = {LONGEST: lived.quarters(longest[over]), TOTAL: lived.quarters(total[over])}
    events = [
        *lived.detours_taken(whole, judged, named),
        *lived.long_waits(waits, limits),
        *(one for one in (lived.late(whole), lived.refused(whole, said.closed)) if one is not None),
    ]
    return Lived(
        whole=whole,
        definition=definition,
        heard=said,
        waits=waits,
        limits=limits,
        events=events,
        stratum=cells(judged.strata, len(said.entered)).astype(np.int64) + 1,
        compared_on=tuple(judged.strata),
    )


def _attributes(whole: Whole, definition: Definition) -> list[str]:
    """Values at entry by which everybody may be told apart: legitimate ones, and equity groups."""
    equity, hidden = definition.equity, hidden_attributes(definition)
    named = [] if equity is None else [*equity.legitimate, *equity.groups]
    return [n for n in dict.fromkeys(named) if n in whole.attributes and n not in hidden]
