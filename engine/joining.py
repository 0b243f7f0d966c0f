"""Puts what was seen slice by slice back into one piece, in the order of the slices."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from eventlog.coded import Coded, Vocabulary
from eventlog.kernels import Int32s, Int64s
from miners.causes import Spans
from miners.clock import ClockTimes
from miners.open_items import OpenItems
from miners.standing import Standing
from miners.work_items import Items, Pauses


def coded(parts: Sequence[Coded]) -> Coded:
    """Columns with vocabularies of their own as one column with one; shape [sum of all]."""
    if len(parts) == 1:
        return parts[0]
    place: dict[str, int] = {}
    codes: list[Int32s] = []
    for part in parts:
        labels = part.vocabulary.labels
        new = [place.setdefault(label, len(place)) for label in labels]
        mapping = np.array([*new, -1], np.int32)  # where a code of -1 looks
        codes.append(mapping[part.codes])
    return Coded(codes=_whole(codes, np.int32), vocabulary=Vocabulary(labels=tuple(place)))


def items(parts: Sequence[Items], cases: Sequence[int]) -> Items:
    """The work items of several slices; `cases` is how many cases each slice has."""
    if len(parts) == 1:
        return parts[0]
    before = np.cumsum([0, *cases])
    rows = np.cumsum([0, *(len(part) for part in parts)])
    first = zip(parts, before, strict=False)
    pauses = [part.pauses for part in parts]
    return Items(
        case=_whole([part.case + np.int32(at) for part, at in first], np.int32),
        position=_whole([part.position for part in parts], np.int32),
        activity=coded([part.activity for part in parts]),
        resource=coded([part.resource for part in parts]),
        unit=coded([part.unit for part in parts]),
        enabled=_whole([part.enabled for part in parts], np.int64),
        started=_whole([part.started for part in parts], np.int64),
        completed=_whole([part.completed for part in parts], np.int64),
        scheduled=_whole([part.scheduled for part in parts], np.bool_),
        pauses=Pauses(
            item=_whole([p.item + at for p, at in zip(pauses, rows, strict=False)], np.int64),
            start=_whole([p.start for p in pauses], np.int64),
            end=_whole([p.end for p in pauses], np.int64),
        ),
    )


def suspensions(parts: Sequence[ClockTimes]) -> Spans:
    """When the cases of all slices were with their applicants."""
    offsets, held = [np.zeros(1, np.int64)], 0
    for part in parts:
        offsets.append(part.suspensions.offsets[1:] + held)
        held += int(part.suspensions.offsets[-1])
    return Spans(
        offsets=_whole(offsets, np.int64),
        start=_whole([part.suspensions.since for part in parts], np.int64),
        end=_whole([part.suspensions.until for part in parts], np.int64),
    )


def standing(parts: Sequence[Standing]) -> Standing:
    """Where the cases of all slices stand."""
    if len(parts) == 1:
        return parts[0]
    worked = [part.working for part in parts if part.working is not None]
    return Standing(
        entered=column([part.entered for part in parts]),
        seen=column([part.seen for part in parts]),
        last=column([part.last for part in parts]),
        elapsed=column([part.elapsed for part in parts]),
        working=column(worked) if worked else None,
        ended=_whole([part.ended for part in parts], np.bool_),
        withdrawn=_whole([part.withdrawn for part in parts], np.bool_),
        term=column([part.term for part in parts]),
        in_working=_whole([part.in_working for part in parts], np.bool_),
        working_day=parts[0].working_day,
    )


def open_items(parts: Sequence[OpenItems], owned: Sequence[tuple[Int64s, Int64s]]) -> OpenItems:
    """The open work of several slices.

    Each part counts the open cases of its slice and their items from 0; `owned` says which cases
    and which items of the whole those are.
    """
    places = list(zip(parts, owned, strict=True))
    return OpenItems(
        case=_whole([cases[part.case] for part, (cases, _) in places], np.int32),
        activity=coded([part.activity for part in parts]),
        resource=coded([part.resource for part in parts]),
        unit=coded([part.unit for part in parts]),
        enabled=column([part.enabled for part in parts]),
        started=column([part.started for part in parts]),
        rule=_whole([part.rule for part in parts], np.int8),
        item=column([_placed(part.item, rows) for part, (_, rows) in places]),
    )


def _placed(item: Int64s, rows: Int64s) -> Int64s:
    return np.append(rows, -1)[item]  # the last is where an item of -1 looks


def column(parts: Sequence[Int64s]) -> Int64s:
    """Numbers of several slices in one array."""
    return _whole(parts, np.int64)


def _whole(parts: Sequence[npt.NDArray[Any]], of: type[Any]) -> npt.NDArray[Any]:
    return np.concatenate([np.empty(0, of), *parts]).astype(of, copy=False)
