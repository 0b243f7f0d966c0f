"""By which case attributes it may be said where detours are found, and why not by the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.hidden import GROUNDLESS, groundless, persons
from eventlog.definition import Definition


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """The attributes that are looked at, and the reason for each that is left out."""

    names: tuple[str, ...]
    left_out: Mapping[str, str]


def looked_at(definition: Definition) -> LookedAt:
    """Sort the case attributes of the process file, in its order.

    Never by persons: the applicant and what is kept under pseudonyms. Where the process file names
    no pseudonyms, nobody has said which attributes are persons; then only those are looked at by
    which it has cases compared. What is sensitive needs a stated basis, and what is only known
    later than at entry, or is an amount, does not make groups.

    >>> said = {"case_attributes": ["kind", "owner"], "privacy": {"pseudonymise": ["owner"]}}
    >>> looked_at(Definition.bare(**said))
    LookedAt(names=('kind',), left_out={'owner': 'it names persons'})
    """
    reasons = _reasons(definition)
    names = [name for name in definition.case_attributes if name not in reasons]
    return LookedAt(
        names=tuple(names),
        left_out={name: reasons[name] for name in definition.case_attributes if name in reasons},
    )


def _reasons(definition: Definition) -> dict[str, str]:
    reasons: dict[str, str] = {}
    if not definition.privacy.pseudonymise:
        unsaid = set(definition.case_attributes) - _compared(definition)
        reasons |= dict.fromkeys(
            unsaid, "privacy.pseudonymise does not say which attributes name persons"
        )
    if definition.outcome is not None and definition.outcome.attribute is not None:
        reasons[definition.outcome.attribute] = "it says how the case ended"
    if definition.voice is not None and definition.voice.satisfaction is not None:
        reasons[definition.voice.satisfaction] = "it is told after the case ended"
    reasons |= dict.fromkeys(definition.bands, "it is an amount")
    if definition.fees is not None:
        fees = (definition.fees.charged, definition.fees.official)
        reasons |= dict.fromkeys(fees, "it is an amount")
    reasons |= dict.fromkeys(groundless(definition), GROUNDLESS)
    reasons |= dict.fromkeys(persons(definition), "it names persons")
    return reasons


def _compared(definition: Definition) -> set[str]:
    """The attributes by which the process file itself has cases compared."""
    equity, standard = definition.equity, definition.standard
    named = set[str]() if standard is None else set(standard.by)
    if equity is not None:
        named |= {*equity.groups, *equity.legitimate, *equity.service_class}
    return named
