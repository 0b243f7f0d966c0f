"""Which case attributes nothing is told by: persons, and what is sensitive without a reason."""

from eventlog.definition import Definition


def hidden_attributes(definition: Definition) -> frozenset[str]:
    """The attributes by whose values nothing may be told apart.

    That are the applicant, what is kept under pseudonyms, and what is sensitive and has no stated
    basis (interface.md).

    >>> said = {"case_attributes": ["kind"], "applicant_id": "owner"}
    >>> sorted(hidden_attributes(Definition.bare(**said, equity={"sensitive": ["kind"]})))
    ['kind', 'owner']
    """
    hidden = set(definition.privacy.pseudonymise)
    if definition.applicant_id is not None:
        hidden.add(definition.applicant_id)
    if definition.equity is not None:
        hidden |= set(definition.equity.sensitive) - set(definition.equity.basis)
    return frozenset(hidden)
