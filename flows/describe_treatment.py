"""Says in words whose treatment a process file has compared, on what, and what it leaves off."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from eventlog.definition import Definition
from eventlog.definition_parts import Equity

Lines = Iterable[str]
_DAY = timedelta(days=1)


def describe_treatment(process: Definition) -> list[str]:
    """Who is compared with whom, by what, from which size on; a line each."""
    equity = process.equity or Equity()
    if not _compared(process):
        return []
    return [
        *_groups(process, equity),
        *_measures(process, equity),
        *_turns(process, equity),
        *_fees(process),
        *_sensitive(process, equity),
        *_persons(process),
    ]


def listed(names: Sequence[str], *, last: str = "and") -> str:
    """One or more names in a sentence; empty for none.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], last="or")
    ('a, b and c', 'a or b')
    """
    if len(names) < 2:  # noqa: PLR2004 (nothing to join)
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def _compared(process: Definition) -> list[str]:
    """All attributes whose values are compared by anything, each once."""
    parts = (
        process.equity.groups if process.equity else (),
        process.favouritism.favoured if process.favouritism else (),
        process.fees.by if process.fees else (),
    )
    return list(dict.fromkeys(name for part in parts for name in part))


def _groups(process: Definition, equity: Equity) -> Lines:
    if equity.groups:
        yield f"Treatment is compared by {listed(equity.groups)}."
    terms = process.standard.by if process.standard else {}
    known = equity.legitimate or tuple(terms)
    whence = "" if equity.legitimate or not known else " (from standard.by)"
    if known:
        yield (
            f"Comparable applications are alike in {listed(known)}{whence} and came in the same "
            f"{equity.entry_period}."
        )
    else:
        yield (
            f"Nothing but the {equity.entry_period} of entry makes a difference by right: "
            "equity.legitimate names no attribute."
        )


def _measures(process: Definition, equity: Equity) -> Lines:
    if not equity.groups:
        return
    if process.closing:
        yield f"Each application is followed for {equity.horizon / _DAY:g} days from its entry."
    else:
        yield "Time to a decision is not compared: clock does not say what closes a case."
    if process.outcome is None:
        yield "How often applications are approved is not compared: there is no outcome."
    elif equity.gates:
        yield f"Applications may fail at {listed(equity.gates, last='or')}."
    else:
        yield "Where applications may fail is found from the log: equity.gates names no step."
    least = equity.material
    days = "day" if least.days == 1 else "days"
    yield (
        f"A gap is told from {least.days:g} {days}, {100 * least.share:g} percentage points or "
        f"{100 * least.fee_share:g} % of the tariff on."
    )


def _turns(process: Definition, equity: Equity) -> Lines:
    favoured = process.favouritism.favoured if process.favouritism else ()
    if not favoured:
        return
    if "service_class" not in equity.model_fields_set:
        yield (
            "Whose files are picked out of turn is not looked at: equity.service_class does not "
            "say which files go first by right ([] if none)."
        )
        return
    right = (
        f"files with the same {listed(equity.service_class)} have the same right to their turn"
        if equity.service_class
        else "all files have the same right to their turn"
    )
    yield f"Whose files are picked out of turn is looked at by {listed(favoured)}; {right}."


def _fees(process: Definition) -> Lines:
    fees = process.fees
    if fees is None:
        return
    groups = process.equity.groups if process.equity else ()
    payers = list(dict.fromkeys((*fees.by, *groups)))
    if payers:
        yield f"What is paid ({fees.charged}) over {fees.official} is compared by {listed(payers)}."


def _sensitive(process: Definition, equity: Equity) -> Lines:
    for name in equity.sensitive:
        if name not in _compared(process):
            yield f"equity.sensitive names {name}, which nothing is compared by."
        elif name in equity.basis:
            yield f"{name} is sensitive; it is looked at on this basis: {equity.basis[name]}."
        else:
            yield f"{name} is sensitive and is not looked at: equity.basis states no ground for it."
    for name in equity.basis:
        if name not in equity.sensitive:
            yield f"equity.basis names {name}, which is not under equity.sensitive."


def _persons(process: Definition) -> Lines:
    named = [name for name in _compared(process) if name in process.privacy.pseudonymise]
    if named:
        yield (
            f"{listed(named)} may name persons: what is found of them is in findings.json, "
            "equity.json and favouritism.json only."
        )
