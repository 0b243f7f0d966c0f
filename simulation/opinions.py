"""What applicants say of the office afterwards: who answers, and how content these are.

It is drawn apart from all else, so that nothing else in the log depends on it. The score falls with
the days until the decision and with every detour; those who were refused, who gave up or who waited
long answer less often.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from simulation.applications import Applications
from simulation.chance import Flags, Floats, stream
from simulation.hours import Ints
from simulation.journal import Journal
from simulation.office import Office
from simulation.process import OUTCOME_OF

LOWEST, HIGHEST = 1, 5
# The mean score of each outcome with no days and no detour, before it is cut to whole numbers.
MOOD: Final = {"approved": 4.4, "rejected": 2.6, "withdrawn": 3.1}
SPREAD: Final = 1.0
PER_DAY: Final = -0.015
PER_DETOUR: Final = -0.6
DAYS: Final = 45.0  # so many nobody counts further
# The share that answers, with no days; who waited `DAYS` answers so much less often.
ANSWERS: Final = {"approved": 0.5, "rejected": 0.22, "withdrawn": 0.18}
SILENCED: Final = 0.8
_DAY = 86_400


class Opinions:
    """Who has a score to give once the case is over, and what it is; all arrays are [cases].

    `outcome` is empty for cases that are not over, `score` is what each would say, 0 for those, and
    `answers` marks those who do say it.
    """

    def __init__(self, office: Office, applications: Applications, journal: Journal) -> None:
        n = office.cases
        chance = stream(office.seed, "opinions")
        noise, luck = chance.standard_normal(n), chance.random(n)
        self.outcome, self.days = _ends(applications, journal, n)
        self.detours = _detours(journal, n)
        over = self.outcome != ""
        mood = np.array([MOOD.get(one, 0.0) for one in self.outcome])
        counted = np.minimum(self.days, DAYS)
        said = mood + PER_DAY * counted + PER_DETOUR * self.detours + SPREAD * noise
        self.score: Ints = np.where(over, said.round().clip(LOWEST, HIGHEST), 0).astype(np.int64)
        share = np.array([ANSWERS.get(one, 0.0) for one in self.outcome])
        self.answers: Flags = luck < share * (1 - SILENCED * counted / DAYS)

    def texts(self) -> list[str | None]:
        """What the log tells of each case; None where nobody answers."""
        return [
            str(score) if says else None
            for score, says in zip(self.score.tolist(), self.answers.tolist(), strict=True)
        ]

    def account(self) -> dict[str, Any]:
        """The truth about the answers, fit for JSON.

        `mean_of_all` is what the mean would be if everybody answered, `mean_of_answers` that of
        those who do; `over` and `answered` count cases by outcome. `complaints` says what the
        simulator makes these depend on: on a refusal only, neither on waiting nor on detours.
        """
        over = self.outcome != ""
        return {
            "over": dict(sorted(Counter(self.outcome[over].tolist()).items())),
            "answered": dict(sorted(Counter(self.outcome[self.answers].tolist()).items())),
            "mean_of_all": float(self.score[over].mean()) if over.any() else None,
            "mean_of_answers": float(self.score[self.answers].mean())
            if self.answers.any()
            else None,
            "planted": {
                "mood": dict(MOOD),
                "per_day": PER_DAY,
                "days": DAYS,
                "per_detour": PER_DETOUR,
                "answers": dict(ANSWERS),
                "silenced_by_waiting": SILENCED,
            },
            "complaints": {"depend_on": ["outcome"]},
        }


def _ends(applications: Applications, journal: Journal, n: int) -> tuple[Any, Floats]:
    """How each case ended and after how many days; [cases]."""
    outcome = np.full(n, "", object)
    days = np.zeros(n)
    for one in journal.told:
        if one.lifecycle == "complete" and one.activity in OUTCOME_OF:
            outcome[one.case] = OUTCOME_OF[one.activity]
            days[one.case] = (one.at - int(applications.arrived[one.case])) / _DAY
    return outcome, days


def _detours(journal: Journal, n: int) -> Floats:
    """How many detours held each case up; [cases]."""
    held: Sequence[int] = [one.case for one in journal.strayed if one.released > one.began]
    return np.bincount(np.asarray(held, np.int64), minlength=n).astype(np.float64)
