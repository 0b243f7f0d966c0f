"""What the indicators, targets and trends of a scorecard are called."""

from reports.language import mark

TITLES = {
    "p50_working_days": mark("Half are decided within"),
    "p80_working_days": mark("Four in five are decided within"),
    "p90_working_days": mark("Nine in ten are decided within"),
    "on_time_share": mark("In time"),
    "requests_per_case": mark("Steps that an applicant has to take"),
    "satisfaction_mean": mark("Satisfaction of those who answered"),
    "complaints_per_100": mark("Complaints per hundred applications"),
    "straight_share": mark("Without a detour"),
    "conforming_share": mark("As the procedure has it"),
    "rework_share": mark("Work done again"),
    "waiting_share": mark("Share of the time that is waiting"),
    "open_now": mark("Open now"),
    "oldest_open_days": mark("Oldest open application"),
    "cost_per_permit": mark("Cost of one application"),
    "hours_per_permit": mark("Working hours on one application"),
    "fee_over_tariff": mark("Paid over the tariff"),
    "items_per_officer_week": mark("Pieces of work an officer finishes in a week"),
    "handovers_per_case": mark("Times an application changes hands"),
    "cross_training": mark("Kinds of work that two officers or more do"),
    "learning_curve": mark("Work each time practice doubles"),
}
"""What each indicator is called."""
UNIT_TITLES = {
    "p50_working_days": mark("Half of the work is done within"),
    "p80_working_days": mark("Four fifths of the work are done within"),
    "p90_working_days": mark("Nine tenths of the work are done within"),
}
"""What those are called that say something else of a unit."""
PERSPECTIVES = {
    "citizens": mark("For citizens"),
    "internal process": mark("How the office works"),
    "cost": mark("What it costs"),
    "learning and growth": mark("Learning and growth"),
}
TRENDS = {
    "better": mark("better"),
    "worse": mark("worse"),
    "more": mark("more than before"),
    "less": mark("less than before"),
    "no clear change": mark("no clear change"),
}
MET = {
    "yes": mark("met"),
    "no": mark("missed"),
    "too close to tell": mark("too close to tell"),
}
UNTOLD = {
    "no events": mark("nothing of this kind happened"),
    "no closing step": mark("the process file does not say under clock what closes a case"),
    "no term": mark("the process file promises no term under standard"),
    "no applicant steps": mark("the process file has no applicant_steps"),
    "no satisfaction": mark("no answers that are numbers are known"),
    "no complaints": mark("the process file names no complaints under voice"),
    "no procedure": mark("the process file has no procedure to hold applications against"),
    "no service times": mark("no event tells when work was started"),
    "no costs": mark("the process file has no costs"),
    "no fees": mark("the process file has no fees"),
    "no officers": mark("no event names who did the work"),
    "few officers": mark("fewer than three officers: it would tell of persons"),
    "few newcomers": mark("fewer than three officers began anything new within the log"),
    "no units": mark("no event names a unit"),
    "unknown unit": mark("no event names this unit"),
    "attribute hidden": mark("it is sensitive, and no ground for looking at it is stated"),
    "too early": mark("too few are known to be over"),
}
"""Why a line has no number."""
