"""Why something was not looked at, in the language spoken.

A run writes its reasons in English (`run.json`, `off`). The sentences of the engine stand here
once more, with places for what differs from run to run, so that they can be translated; where the
engine has a sentence that is not here, it is told in English and said to be so.
"""

import re
from functools import cache

from markupsafe import Markup, escape

from reports.language import mark, say, spoken
from reports.words.scorecard import TITLES
from reports.words.wording import PERCENT, number

_SUBJECTS = (
    mark("handover between resources"),
    mark("handover between units"),
    mark("open cases"),
    mark("outcomes"),
    mark("working time"),
    mark("national holidays before %(year)s"),
    mark("national holidays after %(year)s"),
    mark("waiting apart from service"),
    mark("what waits now"),
    mark("late cases"),
    mark("late %(whose)s by %(name)s"),
    mark("a prescribed procedure"),
    mark("repeated steps"),
    mark("skipped steps"),
    mark("inserted steps"),
    mark("wrong order"),
    mark("the rules for %(name)s"),
    mark("the order of %(one)s and %(other)s"),
    mark("whether %(name)s was left out"),
    mark("which applications were withdrawn (they count as decided)"),
    mark("steps skipped by cases that are over"),
    mark("whether the office or the applicant causes a detour"),
    mark("treatment of whole applications (time, outcome, route)"),
    mark("treatment of the smallest groups of %(name)s"),
    mark("treatment of applications without %(name)s"),
    mark("treatment of %(name)s (a small group)"),
    mark("treatment of %(name)s (%(n)s small groups)"),
    mark("treatment of %(name)s"),
    mark("treatment by %(name)s"),
    mark("%(name)s as a legitimate difference"),
    mark("legitimate differences other than the time of entry"),
    mark("equal time"),
    mark("equal outcome"),
    mark("equal requests for documents"),
    mark("equal treatment by %(name)s"),
    mark("equal waiting at single steps"),
    mark("waiting apart from work, in comparisons"),
    mark("time to a decision without what applicants take"),
    mark("the order in which files are picked at %(names)s"),
    mark("scorecard: %(what)s"),
    mark("alert %(name)s"),
    # Questions, as `runut mine --only` names them.
    mark("variants"),
    mark("map"),
    mark("times"),
    mark("rework"),
    mark("handover"),
    mark("model"),
    mark("bottlenecks"),
    mark("lateness"),
    mark("detours"),
    mark("equity"),
    mark("favouritism"),
    mark("fees"),
    mark("voice"),
    mark("complaints"),
    mark("satisfaction"),
    mark("scorecard"),
    mark("quality"),
)
"""What was not looked at."""

_WHY = (
    mark("left out by --only"),
    mark("%(names)s are left out by --only"),
    mark("no event names a resource"),
    mark("no event names a unit"),
    mark("no event names this unit"),
    mark("no event names who did the work"),
    mark("no event has come yet"),
    mark("no event has the activity “%(name)s”"),
    mark("no event tells when work was started"),
    mark("no event tells when work was started; both are reported as one"),
    mark("no event tells which unit took it up"),
    mark("no event tells which unit did it"),
    mark("no event tells which unit has what waits"),
    mark("no event tells who took it up; %(why)s"),
    mark("no event of late tells who did it; %(why)s"),
    mark("a unit of one or two officers is not told"),
    mark("the topic does not say how many events it has that are not in the lake"),
    mark("no event completes one of clock.starts (%(names)s)"),
    mark("no step has a start event; waiting and work are told as one"),
    mark("nothing of this kind happened"),
    mark("bottlenecks were not looked for"),
    mark("terms were not looked at"),
    mark("the process file has no calendar"),
    mark("the process file has no calendar to count working days by"),
    mark("the process file has no outcome"),
    mark("the process file has no outcome and no closing step beside clock.stops"),
    mark("the process file has none; detours are judged by what is usual"),
    mark("the process file has no voice"),
    mark("the process file has no costs"),
    mark("the process file has no fees"),
    mark("the process file has no procedure to hold applications against"),
    mark("the process file has no applicant_steps"),
    mark("the process file has no %(missing)s"),
    mark("the process file promises no term under standard"),
    mark("the process file does not say what closes a case"),
    mark("the process file does not say under clock what closes a case"),
    mark("the process file does not say under fees what was charged"),
    mark("the process file does not say under clock.suspended what asks for documents"),
    mark(
        "the process file does not say under equity.service_class which files go first by right; "
        "write service_class: [] if all have the same right"
    ),
    mark("the process file does not list its activities, so none can be called foreign"),
    mark("the process file names no equity.groups"),
    mark("the process file names nobody under favouritism.favoured"),
    mark("the process file names no complaints under voice"),
    mark("the process file names none under voice.complaints"),
    mark("the process file names none under voice.satisfaction"),
    mark("the process file names none that is known at entry under equity.legitimate"),
    mark("procedure.once lists no step"),
    mark("procedure.mandatory lists no step"),
    mark("procedure.order lists no pair"),
    mark("the procedure asks for it, and no event has it"),
    mark("on the map it is one activity with others, so that once and order cannot be judged"),
    mark("%(why)s, once codes are made coarser"),
    mark("the office often has the two in hand at the same time; which is over first is chance"),
    mark("no national holiday of %(country)s is known there; they count as working days"),
    mark("%(measure)s is read by runut watch, not by a mining run"),
    mark("by names persons; alerts are told of groups and units"),
    mark("by “%(name)s” names persons, or is sensitive and equity.basis has no reason"),
    mark("%(measure)s is told of all events; it takes no activity and no by"),
    mark("%(measure)s is told of whole cases; it takes no activity"),
    mark("%(measure)s is told of whole cases; by takes a case attribute, not unit"),
    mark("%(measure)s is told of what is there now; it takes no window"),
    mark("disparity_drift compares the values of a case attribute; by must name one"),
    mark("it is sensitive, and equity.basis names no ground for looking at it"),
    mark("it names single applicants, and these are not groups"),
    mark("it names persons"),
    mark("it is an amount"),
    mark("it says how the case ended"),
    mark("it is told after the case ended"),
    mark("it says how the case ended: %(why)s"),
    mark("it says what was charged: %(why)s"),
    mark("it is told after the case ended: %(why)s"),
    mark(
        "%(share)s of applications got it only after entry: who has it noted, and what is noted, "
        "may depend on the treatment that is compared"
    ),
    mark("%(share)s of applications got it only after entry: %(why)s"),
    mark("what comes after entry is part of the treatment that is compared"),
    mark("an application has no one %(name)s; officers are looked at one activity at a time"),
    mark("no application has a value of it"),
    mark("all applications with a value have the same one: it makes but one group"),
    mark(
        "it has %(n)s values, more than %(most)s: it tells single applications apart; give it "
        "bands or a coarser attribute"
    ),
    mark("no two of its groups have %(n)s applications, as are needed to say anything"),
    mark("fewer than %(n)s applications each; they only count among the others"),
    mark(
        "%(share)s of all have no value; who has none may differ from who has one, so what is said "
        "of the rest need not hold for all"
    ),
    mark(
        "%(part)s of %(all)s applications came %(days)s days or more before the end of the log, as "
        "long as equity.horizon follows each; a shorter one takes in more of them"
    ),
    mark("clock.suspended does not say when a file is with its applicant; that time counts too"),
    mark("everybody who was decided on was %(outcome)s"),
    mark(
        "abstract joins what asks for documents (clock.suspended) with other codes; give it a "
        "group of its own under abstract.groups"
    ),
    mark(
        "whoever has the same %(names)s mostly has the same %(name)s: the two cannot be told "
        "apart, and what differs can only be told of %(same)s"
    ),
    mark(
        "only %(share)s of a group have comparable others; fewer legitimate attributes, bands, or "
        "a longer equity.entry_period would leave more"
    ),
    mark("most steps are dated without a time; who waited longer cannot be told"),
    mark("most steps are dated without a time; the order of picks within a day is unknown"),
    mark("no application has both a fee and a tariff as numbers"),
    mark(
        "%(part)s of %(all)s have a fee or a tariff that is no plain number (such as 1200.50, not "
        "1,200.50); it may be just these that differ"
    ),
    mark("most of their items have no start; files are compared by the order of completion"),
    mark("no application that is over has a number as “%(name)s”"),
    mark("voice.satisfaction names no attribute with answers that are numbers"),
    mark("fewer than three officers: it would tell of persons"),
    mark("fewer than three officers began anything new within the log"),
    mark("too few are known to be over"),
)
"""Why it was not looked at."""

_IN_PLACE = (
    mark("cases"),
    mark("steps"),
    mark("approved"),
    mark("refused"),
    mark("few"),
    mark("about %(n)s"),
    mark("nearly all"),
    mark("fewer than %(n)s"),
)
"""What else may stand in a place."""
_COUNTS = frozenset({"n", "part", "all", "most"})
_PLACE = re.compile(r"%\\\((\w+)\\\)s")
_NO = mark(", no ")


def reason(text: str) -> Markup:
    """The same in the language spoken; what nobody has translated is marked as English.

    >>> str(reason("treatment by district"))
    'treatment by district'
    """
    told = _translated(text.strip(), (*_SUBJECTS, *_WHY))
    if told is not None:
        return escape(told)
    said = escape(text)
    return said if spoken().code == "en" else Markup('<span lang="en">{}</span>').format(said)


def _translated(text: str, messages: tuple[str, ...]) -> str | None:
    """The text by the first message that it may come from; None where there is none."""
    for pattern, message in _patterns(messages):
        if found := pattern.fullmatch(text):
            values = {name: _in_place(name, value) for name, value in found.groupdict().items()}
            return say(message, **values)
    return None


def _in_place(name: str, value: str) -> str:
    """What stands in a place: a count, a share, words, a further reason, or a name."""
    if name in _COUNTS and value.isdecimal():
        return number(int(value))
    if name == "what":
        return _line_called(value)
    if name == "share":
        return say(PERCENT, number=value.removesuffix("%"))
    told = _translated(value, _WHY if name == "why" else _IN_PLACE)
    return value.replace(_NO, say(_NO)) if told is None else told


def _line_called(name: str) -> str:
    """A line of the scorecard as `run.json` names it: its indicator, and of whom.

    >>> _line_called("learning_curve"), _line_called("open_now of counter")
    ('Work each time practice doubles', 'Open now (counter)')
    """
    indicator, _, whose = name.partition(" of ")
    title = say(TITLES[indicator]) if indicator in TITLES else indicator
    return f"{title} ({whose})" if whose else title


@cache
def _patterns(messages: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What each message looks like once it is filled in; quotes may be of either kind."""
    return tuple((re.compile(_looks(message)), message) for message in messages)


def _looks(message: str) -> str:
    quoted = re.sub(r"[“”]", '["“”]', re.escape(message))
    return _PLACE.sub(r"(?P<\1>.+?)", quoted)
