"""Guesses which column is which in a file that came without a process definition, and says so."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors import text, times
from connectors.tabular import ATTRIBUTE, CASE
from eventlog.definition import CASE_COLUMNS
from eventlog.errors import StopError, UsageError
from eventlog.schema import RESERVED

# English, XES, Celonis and Disco, Indonesian, Dutch; compared without case, spaces and signs, the
# likelier name first.
_NAMES: dict[str, tuple[str, ...]] = {
    "case_id": (
        "caseid", "caseconceptname", "casekey", "case", "traceid", "applicationid",
        "applicationnumber", "permitid", "permitnumber", "processid", "idpermohonan",
        "nomorpermohonan", "nopermohonan", "permohonan", "idkasus", "kasus", "nomorizin",
        "noregistrasi", "nomorregistrasi", "nomorberkas", "berkas", "zaakid", "zaaknummer", "zaak",
        "dossiernummer", "dossierid", "dossier", "aanvraagnummer", "aanvraag",
    ),
    "activity": (
        "activity", "conceptname", "activityname", "activityen", "event", "eventname", "task",
        "step", "action", "kegiatan", "aktivitas", "namakegiatan", "tahapan", "tahap", "langkah",
        "proses", "activiteit", "activiteitnaam", "stap", "handeling", "taak", "processtap",
    ),
    "timestamp": (
        "timestamp", "timetimestamp", "completetimestamp", "eventtime", "endtimestamp", "endtime",
        "datetime", "time", "date", "starttimestamp", "waktu", "waktuselesai", "tanggal",
        "tanggalselesai", "tanggalwaktu", "jam", "tijdstip", "datumtijd", "datum", "tijd",
        "einddatum",
    ),
    "resource": (
        "resource", "orgresource", "user", "userid", "officer", "employee", "agent", "petugas",
        "pengguna", "pegawai", "pelaksana", "medewerker", "behandelaar", "gebruiker",
    ),
    "lifecycle": (
        "lifecycle", "lifecycletransition", "transition", "eventtype", "tipekejadian",
        "levenscyclus",
    ),
    "unit": (
        "unit", "orggroup", "group", "department", "role", "orgrole", "unitkerja", "bidang",
        "bagian", "seksi", "dinas", "afdeling", "groep", "eenheid",
    ),
    "event_id": ("eventid", "idkejadian", "gebeurtenisid"),
    "sequence": ("sequence", "seq", "eventorder", "sorting", "urutan", "volgnummer"),
}  # fmt: skip
_NEEDED = ("case_id", "activity", "timestamp")
_WORDS = {"case_id": "the case", "activity": "the activity", "timestamp": "the time"}
# Share of filled cells that must read as times; one typing error must not hide the column.
_READABLE = 0.9
_MOST_ACTIVITIES = 500
_MOST_VALUES = 100
_SAMPLE = 20_000


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What each column was taken for: `columns` maps our names to theirs, `notes` are sentences."""

    columns: Mapping[str, str]
    case_attributes: tuple[str, ...]
    notes: tuple[str, ...]


def guess(table: pa.Table, *, source: str, zone: ZoneInfo) -> Guess:
    """Tell the columns of `table` (as a reader found it) by their names, then by what they hold.

    UsageError where the case, the activity or the time cannot be told, with all columns named.
    """
    sample = table.slice(0, _SAMPLE)
    found: dict[str, str] = {}
    notes: list[str] = []
    for ours in ("timestamp", *(name for name in _NAMES if name != "timestamp")):
        named = _by_name(ours, [name for name in table.column_names if name not in found.values()])
        for theirs in named:
            if _fits(ours, sample.column(theirs), zone):
                found[ours] = theirs
                notes.append(f'{ours} is taken from "{theirs}", by its name')
                break
    for ours, by_content in (
        ("timestamp", _times_like),
        ("case_id", _cases_like),
        ("activity", _activities_like),
    ):
        if ours in found:
            continue
        free = [name for name in table.column_names if name not in found.values()]
        candidates = by_content(sample, free, zone, found)
        if len(candidates) != 1:
            raise UsageError(_untold(ours, candidates, table.column_names, source))
        found[ours] = candidates[0]
        notes.append(f'{ours} is taken from "{candidates[0]}", by what it holds')
    attributes, same = _case_attributes(table, found, zone)
    if attributes:
        shown = ", ".join(f'"{name}"' for name in attributes)
        notes.append(f"case attributes are {shown}: they never change within a case")
    notes += [
        f'"{theirs}" is kept with each event only: the name "{ours}" is taken by another column'
        for theirs, ours in same.items()
    ]
    return Guess(
        columns={
            **found,
            **{ours: theirs for ours, theirs in attributes.items() if ours != theirs},
        },
        case_attributes=tuple(attributes),
        notes=tuple(notes),
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _by_name(ours: str, names: Sequence[str]) -> list[str]:
    """The columns whose name says that they are `ours`, likeliest first."""
    known = _NAMES[ours]
    ranked = [(known.index(_plain(name)), name) for name in names if _plain(name) in known]
    return [name for _, name in sorted(ranked, key=lambda pair: pair[0])]


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = text.as_text(column)
    return texts.filter(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(texts), ""), False))


def _fits(ours: str, column: pa.ChunkedArray, zone: ZoneInfo) -> bool:
    """A column called "event" that holds numbers by the thousand is no activity, and so on."""
    filled = _texts(column)
    if not len(filled):
        return False
    if ours == "timestamp":
        return _readable(filled, zone)
    if ours == "sequence":
        return bool(pc.all(pc.match_substring_regex(filled, r"^\d{1,18}$")).as_py())
    if ours == "event_id":
        return bool(pc.count_distinct(filled).as_py() == len(column))
    if ours in {"activity", "case_id"} and _readable(filled, zone):
        return False
    return ours != "activity" or bool(pc.count_distinct(filled).as_py() <= _MOST_ACTIVITIES)


def _readable(filled: pa.ChunkedArray, zone: ZoneInfo) -> bool:
    try:
        parsed = times.parse(filled.slice(0, 1_000), zone=zone, column="")
    except StopError:
        return True  # dates in two orders are dates; the import will say so
    return float((parsed.problem == 0).mean()) >= _READABLE


def _times_like(
    sample: pa.Table, free: Sequence[str], zone: ZoneInfo, _found: Mapping[str, str]
) -> list[str]:
    """Columns that hold times that differ within the file; a date of the whole case varies less."""
    timed = {}
    for name in free:
        filled = _texts(sample.column(name))
        if len(filled) == sample.num_rows and len(filled) and _readable(filled, zone):
            timed[name] = pc.count_distinct(filled).as_py()
    most = max(timed.values(), default=0)
    return [name for name, distinct in timed.items() if distinct > most / 2]


def _cases_like(
    sample: pa.Table, free: Sequence[str], zone: ZoneInfo, _found: Mapping[str, str]
) -> list[str]:
    """Always filled, repeated, with many values: 1.5 to 200 rows a value."""
    likely = {}
    for name in free:
        filled = _texts(sample.column(name))
        distinct = pc.count_distinct(filled).as_py()
        if len(filled) < sample.num_rows or not distinct or _readable(filled, zone):
            continue
        if 1.5 <= len(filled) / distinct <= 200:  # noqa: PLR2004 (said in the docstring)
            likely[name] = distinct
    most = max(likely.values(), default=0)
    return [name for name, distinct in likely.items() if distinct > most / 2]


def _activities_like(
    sample: pa.Table, free: Sequence[str], zone: ZoneInfo, found: Mapping[str, str]
) -> list[str]:
    """Always filled words, from two to a few hundred of them, that change within a case."""
    likely = []
    for name in free:
        filled = _texts(sample.column(name))
        distinct = pc.count_distinct(filled).as_py()
        if len(filled) < sample.num_rows or _readable(filled, zone):
            continue
        if pc.all(pc.match_substring_regex(filled, r"^[\d.,+-]+$")).as_py():
            continue
        steady = _constant(sample.column(found["case_id"]), sample.column(name))
        if 2 <= distinct <= min(_MOST_ACTIVITIES, sample.num_rows / 2) and not steady:  # noqa: PLR2004 (one activity makes no process)
            likely.append(name)
    return likely


def _constant(cases: pa.ChunkedArray, values: pa.ChunkedArray) -> bool:
    """Whether no case has two values; saying nothing is not a second value."""
    case_codes, value_codes = text.codes(cases), text.codes(values)
    said = value_codes >= 0
    width = int(value_codes.max(initial=0)) + 1
    pairs = np.unique(case_codes[said] * width + value_codes[said])
    return len(pairs) == len(np.unique(case_codes[said]))


def _case_attributes(
    table: pa.Table, found: Mapping[str, str], zone: ZoneInfo
) -> tuple[dict[str, str], dict[str, str]]:
    """Our name -> column, for what never changes within a case, takes few values, is no date.

    Second, column -> our name for those whose name another one has, were it not for upper and lower
    case: no lake holds both.
    """
    cases = table.column(found["case_id"])
    out: dict[str, str] = {}
    same: dict[str, str] = {}
    several = len(pc.unique(text.as_text(cases))) < table.num_rows
    for name in table.column_names:
        bare = name.removeprefix(CASE).removeprefix(ATTRIBUTE)
        ours = re.sub(r"\W+", "_", bare).strip("_")  # a name that every lake reader accepts
        if ours.lower() in CASE_COLUMNS:
            ours = f"case_{ours}"
        if name in found.values() or bare.startswith("@@") or ours.lower() in {"", *RESERVED}:
            continue
        values = _texts(table.column(name))
        distinct = pc.count_distinct(values).as_py()
        if not several or not 2 <= distinct <= _MOST_VALUES or _readable(values, zone):  # noqa: PLR2004 (one value tells nothing)
            continue
        if not _constant(cases, table.column(name)):
            continue
        taken = next((other for other in out if other.lower() == ours.lower()), None)
        if taken is None:
            out[ours] = name
        else:
            same[name] = taken
    return out, same


def _untold(ours: str, candidates: Sequence[str], names: Sequence[str], source: str) -> str:
    all_names = ", ".join(f'"{name}"' for name in names)
    which = " or ".join(f'"{name}"' for name in candidates)
    why = f"it could be {which}" if candidates else "none looks like it"
    return (
        f"{source}: cannot tell which column holds {_WORDS[ours]} ({why}). Its columns are "
        f"{all_names}. Give a process file that says so: columns: {{{ours}: <column>, …}}"
    )
