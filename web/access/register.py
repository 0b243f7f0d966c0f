"""Whom the results name: asked for only to turn a pseudonym back, or to show one case."""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow.compute as pc
import pyarrow.dataset as ds

from web.access.pseudonyms import Kind, Pseudonyms, Reverse, kind_of


class Register(Protocol):
    """The names in one folder of results."""

    @property
    def version(self) -> Hashable:
        """Which results these are; another value for others."""

    def values(self, kind: Kind) -> Sequence[str]:
        """All cases, officers or applicants, each once."""

    def case(self, case_id: str) -> Mapping[str, Any] | None:
        """The row of the case in `cases.parquet`; None if there is no such case."""


@dataclass(frozen=True, kw_only=True)
class FolderRegister:
    """The register of a folder that `runut mine` wrote; `run` is its `run.json`."""

    folder: Path
    run: Mapping[str, Any]
    version: Hashable

    def values(self, kind: Kind) -> Sequence[str]:
        """All cases, officers or applicants, each once; applicants: all whom attributes name."""
        if kind == "case":
            return self._distinct("cases.parquet", "case_id")
        if kind == "officer":
            return self._distinct("work_items.parquet", "resource")
        persons = [
            entry["name"] for entry in self.run.get("attributes") or [] if entry.get("person")
        ]
        found = (self._distinct("cases.parquet", name) for name in persons)
        return list(dict.fromkeys(value for values in found for value in values))

    def case(self, case_id: str) -> Mapping[str, Any] | None:
        """The row of the case in `cases.parquet`; None if there is no such case."""
        rows = self._rows("cases.parquet", case_id)
        return rows[0] if rows else None

    def _rows(self, name: str, case_id: str) -> list[dict[str, Any]]:
        path = self.folder / name
        if not path.exists():
            return []
        found: list[dict[str, Any]] = (
            ds.dataset(path).to_table(filter=pc.field("case_id") == case_id).to_pylist()
        )
        return found

    def _distinct(self, name: str, column: str) -> list[str]:
        path = self.folder / name
        if not path.exists():  # a question that was not asked of the log
            return []
        table = ds.dataset(path)
        if column not in table.schema.names:
            return []
        values = pc.unique(table.to_table(columns=[column]).column(column))
        return [str(value) for value in values.to_pylist() if value is not None]


class Lookup:
    """From pseudonyms back to values; each kind is worked out once for each folder of results."""

    def __init__(self, pseudonyms: Pseudonyms, register: Callable[[], Register]) -> None:
        self._pseudonyms = pseudonyms
        self._register = register
        self._lock = threading.Lock()
        self._kept: dict[Kind, tuple[Hashable, Reverse]] = {}

    def value(self, pseudonym: str) -> str | None:
        """The case, officer or applicant it stands for; None if these results name nobody so."""
        kind = kind_of(pseudonym)
        return None if kind is None else self._reverse(kind).value(pseudonym)

    def case(self, pseudonym: str) -> Mapping[str, Any] | None:
        """The row of the case that the pseudonym stands for; None if there is none."""
        if kind_of(pseudonym) != "case":
            return None
        case_id = self.value(pseudonym)
        return None if case_id is None else self._register().case(case_id)

    def which(self, pseudonym: str, candidates: Sequence[str]) -> str | None:
        """The candidate it stands for, also where names were replaced at the door."""
        return self._pseudonyms.which(pseudonym, candidates)

    def _reverse(self, kind: Kind) -> Reverse:
        register = self._register()
        with self._lock:
            kept = self._kept.get(kind)
            if kept is None or kept[0] != register.version:
                kept = register.version, self._pseudonyms.all_of(kind, register.values(kind))
                self._kept[kind] = kept
            return kept[1]
