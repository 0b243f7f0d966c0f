"""Which case attributes nothing is told by: persons, and what is sensitive without a reason."""

from eventlog.definition import Definition

GROUNDLESS = "it is sensitive, and equity.basis names no ground for looking at it"
"""Why nothing is told by an attribute of `groundless`."""


def hidden_attributes(definition: Definition) -> frozenset[str]:
    """The attributes by whose values nothing may be told apart.

    That are the applicant, what is kept under pseudonyms, and what is sensitive and has no stated
    basis (interface.md).

    >>> said = {"case_attributes": ["kind"], "applicant_id": "owner"}
    >>> sorted(hidden_attributes(Definition.bare(**said, equity={"sensitive": ["kind"]})))
    ['kind', 'owner']
    """
    return persons(definition) | groundless(definition)


def persons(definition: Definition) -> frozenset[str]:
    """The attributes that are persons: what is kept under pseudonyms, and the applicant."""
    named = set(definition.privacy.pseudonymise)
    if definition.applicant_id is not None:
        named.add(definition.applicant_id)
    return frozenset(named)


def groundless(definition: Definition) -> frozenset[str]:
    """The attributes that are sensitive, while nobody states on what basis they are looked at."""
    equity = definition.equity
    return frozenset() if equity is None else frozenset(equity.sensitive) - set(equity.basis)
