"""What is worth telling, in the one form that reports, alerts and scripts read."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from engine.labels import NO_LABELS, Labels, attribute_called
from miners.quality import Check

SCHEMA_VERSION = 1
_SEVERITIES = ("high", "medium", "low")
# A share of this size touches most of what is reported.
_LARGE = 0.25

# What each check says, per language; {n} of {total} {of}, {share}.
_WORDING: Mapping[str, Mapping[str, str]] = {
    "repeated": {
        "en": "{n} of {total} events were sent more than once; each is counted once.",
        "id": "{n} dari {total} kejadian dikirim lebih dari sekali; masing-masing dihitung sekali.",
    },
    "conflicting": {
        "en": "{n} of {total} events came again under the same id with other contents; the "
        "earliest counts.",
        "id": "{n} dari {total} kejadian datang lagi dengan id yang sama tetapi isi berbeda; yang "
        "paling awal dihitung.",
    },
    "tied": {
        "en": "{n} of {total} events have the same time as the one before them and no order from "
        "their producer; their order is taken from their ids.",
        "id": "{n} dari {total} kejadian memiliki waktu yang sama dengan kejadian sebelumnya tanpa "
        "urutan dari pengirim; urutannya diambil dari id.",
    },
    "id in two cases": {
        "en": "{n} of {total} events share their id with an event of another case; both count.",
        "id": "{n} dari {total} kejadian memiliki id yang sama dengan kejadian permohonan lain; "
        "keduanya dihitung.",
    },
    "date without time": {
        "en": "{n} of {total} events carry a date without a time; durations under a day mean "
        "little there.",
        "id": "{n} dari {total} kejadian hanya bertanggal tanpa jam; durasi di bawah satu hari "
        "tidak bermakna di sana.",
    },
    "in the future": {
        "en": "{n} of {total} events carry a time that had not come yet when they were stored, "
        "most likely a typing error; durations up to it mean nothing.",
        "id": "{n} dari {total} kejadian memiliki waktu yang belum tiba ketika disimpan, "
        "kemungkinan besar salah ketik; durasi sampai ke sana tidak bermakna.",
    },
    "alone at the end": {
        "en": "The latest of {total} events up to now comes 30 days or more after the one before "
        "it. If its date is wrong, every open case is counted up to a wrong day.",
        "id": "Yang terakhir dari {total} kejadian sampai kini datang 30 hari atau lebih setelah "
        "kejadian sebelumnya. Jika tanggalnya salah, setiap permohonan yang masih terbuka dihitung "
        "sampai hari yang salah.",
    },
    "missing start": {
        "en": "{n} of {total} completed steps have no start event; waiting and work cannot be told "
        "apart there.",
        "id": "{n} dari {total} langkah yang selesai tidak memiliki kejadian mulai; waktu tunggu "
        "dan waktu kerja tidak dapat dipisahkan di sana.",
    },
    "silent": {
        "en": "{n} of {total} cases are open and have had no event for half a year: they ended "
        "without a record, or were forgotten.",
        "id": "{n} dari {total} permohonan masih terbuka tanpa kejadian selama setengah tahun: "
        "selesai tanpa dicatat, atau terlupakan.",
    },
    "missing": {
        "en": "{n} of {total} {of} have no {column}.",
        "id": "{n} dari {total} {of} tidak memuat {column}.",
    },
    "never completed": {
        "en": "{n} of {total} events belong to activities that never complete; the map leaves "
        "them out.",
        "id": "{n} dari {total} kejadian berasal dari aktivitas yang tidak pernah selesai; peta "
        "tidak menampilkannya.",
    },
    "single event": {
        "en": "{n} of {total} cases have one event only; they have no duration.",
        "id": "{n} dari {total} permohonan hanya memiliki satu kejadian; tidak ada durasinya.",
    },
    "changed after entry": {
        "en": "{n} of {total} cases changed their {column} later; comparisons use the value at "
        "entry.",
        "id": "{n} dari {total} permohonan mengubah {column} kemudian; perbandingan memakai nilai "
        "saat masuk.",
    },
}
_OF = {"events": {"en": "events", "id": "kejadian"}, "cases": {"en": "cases", "id": "permohonan"}}
_COLUMNS = {
    "resource": {"en": "resource", "id": "nama petugas"},
    "unit": {"en": "unit", "id": "unit kerja"},
}
"""What no case attribute is, but every event may have."""
# These change what is counted, so they matter at any share.
_GRAVE = frozenset({"conflicting", "id in two cases"})


def data_quality(check: Check, names: Labels = NO_LABELS) -> dict[str, Any]:
    """One `data-quality` finding in the form of interface.md; `names` are those of attributes."""
    parts = ["data-quality", check.check, check.column or "case"]
    wording = {
        language: text.format(
            n=f"{check.affected:,}" if language == "en" else _points(check.affected),
            total=f"{check.total:,}" if language == "en" else _points(check.total),
            of=_OF[check.of][language],
            column=_COLUMNS.get(check.column or "", {}).get(language)
            or attribute_called(check.column or "", language, names),
        )
        for language, text in _WORDING[check.check].items()
    }
    grave = check.check in _GRAVE or check.share >= _LARGE
    return {
        "id": "/".join(quote(part, safe="=") for part in parts),
        "kind": "data-quality",
        "subject": {"check": check.check, "column": check.column},
        "effect": {
            "value": check.share,
            "unit": "share",
            "ci_low": None,
            "ci_high": None,
            "raw": None,
        },
        "q_value": None,
        "cases": check.cases,
        "cost": None,
        "severity": "medium" if grave else "low",
        "strength": "strong",
        "wording": wording,
        "evidence": {"affected": check.affected, "total": check.total, "of": check.of},
    }


def names_persons(finding: Mapping[str, Any]) -> bool:
    """Whether a finding tells of an officer or another person: it stays in the restricted results.

    Such a finding says so itself, in `evidence`.
    """
    return bool(finding["evidence"].get("restricted"))


def ordered(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Findings by severity, then case-days descending, then id."""
    return sorted(
        findings,
        key=lambda f: (
            _SEVERITIES.index(f["severity"]),
            -(f["cost"]["value"] if f["cost"] else 0.0),
            f["id"],
        ),
    )


def _points(count: int) -> str:
    return f"{count:,}".replace(",", ".")
