"""Which steps are the applicant's own: nobody in the office is late with these."""

from collections.abc import Mapping

from eventlog.definition import Definition


def applicants(definition: Definition, coarse: Mapping[str, str] | None) -> frozenset[str]:
    """The activities that applicants do: their steps, and what ends a suspended clock.

    `coarse` is the coarser activity of each label, where the map has any: one is the applicant's
    if all that it stands for is.
    """
    named = {*definition.applicant_steps, *(pair.until for pair in definition.clock.suspended)}
    if coarse is None:
        return frozenset(named)
    others = {to for label, to in coarse.items() if label not in named}
    return frozenset({to for label, to in coarse.items() if label in named} - others)
