"""What stands for cases, officers and applicants on pages; only an auditor gets the names back."""

import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from eventlog.errors import StopError
from eventlog.pseudonym import pseudonym as pseudonym_at_the_door

Kind = Literal["case", "officer", "applicant"]
KINDS: Final[tuple[Kind, ...]] = ("case", "officer", "applicant")

# 64 bits: of a million cases, two share one with a chance of 1 in 40 million; that is refused.
_BYTES: Final = 8
_PSEUDONYM = re.compile(rf"({'|'.join(KINDS)})-([0-9a-f]{{{2 * _BYTES}}})")


def is_pseudonym(text: str) -> bool:
    """Whether the text has the form of a pseudonym of ours."""
    return _PSEUDONYM.fullmatch(text) is not None


def kind_of(pseudonym: str) -> Kind | None:
    """What the pseudonym stands for; None if it is none."""
    found = _PSEUDONYM.fullmatch(pseudonym)
    return None if found is None else next(kind for kind in KINDS if kind == found[1])


@dataclass(frozen=True, kw_only=True)
class Pseudonyms:
    """Pseudonyms by keyed HMAC-SHA256: the same for ever, and without the key not to be tested.

    `key` is the pseudonym key of the lake (`eventlog.pseudonym.read_or_make_key`).
    """

    key: bytes = field(repr=False)

    def of(self, kind: Kind, value: str) -> str:
        """The pseudonym of one value, e.g. "case-7f3a9c0d21b4e586"."""
        return f"{kind}-{self._digest(kind, value).hex()}"

    def all_of(self, kind: Kind, values: Iterable[str]) -> "Reverse":
        """The way back for all values of this kind: some three seconds for a million."""
        known = list(values)
        joined = b"".join(self._digest(kind, value) for value in known)
        digests = np.frombuffer(joined, dtype=">u8").astype(np.uint64)
        order = np.argsort(digests, kind="stable")
        return Reverse(kind=kind, values=known, order=order, digests=digests[order])

    def which(self, pseudonym: str, candidates: Iterable[str]) -> str | None:
        """The candidate that the pseudonym stands for, also if its name was replaced at the door.

        What was replaced when it came into the lake cannot be turned back: but whoever has a list
        of the office's names can ask which of them it is.
        """
        kind = kind_of(pseudonym)
        if kind is None:
            return None
        for name in candidates:
            for value in (name, pseudonym_at_the_door(name, self.key)):
                if hmac.compare_digest(self.of(kind, value), pseudonym):
                    return name
        return None

    def _digest(self, kind: Kind, value: str) -> bytes:
        # The kind stands before it, so that a name is not the same as a case and as an officer;
        # and this is never what the door makes of it with the same key.
        told = f"page\0{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, told, "sha256")[:_BYTES]


@dataclass(frozen=True, kw_only=True)
class Reverse:
    """From pseudonyms of one kind back to the values: 16 bytes for each, and the values."""

    kind: Kind
    values: Sequence[str]
    order: NDArray[np.int64] = field(repr=False)
    digests: NDArray[np.uint64] = field(repr=False)

    def place(self, pseudonym: str) -> int | None:
        """Which of `values` it is, by place; None if it is none of them.

        StopError in the one case of 40 million that two values share the pseudonym.
        """
        if kind_of(pseudonym) != self.kind:
            return None
        digest = np.uint64(int(pseudonym.rpartition("-")[2], 16))
        first, end = (int(np.searchsorted(self.digests, digest, side)) for side in _SIDES)
        places = self.order[first:end]
        if len({self.values[place] for place in places}) > 1:
            raise StopError(f"{pseudonym} stands for two values; neither is told")
        return int(places[0]) if places.size else None

    def value(self, pseudonym: str) -> str | None:
        """The value it stands for; None if it is none of them."""
        place = self.place(pseudonym)
        return None if place is None else self.values[place]


_SIDES: Final = ("left", "right")
