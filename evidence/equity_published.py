"""Two published logs whose discrimination is known: job applications, and loans.

Both are simulated (Pohl, Berti, Qafari & van der Aalst 2023, doi:10.5281/zenodo.8059489): whoever
is `protected` is refused more often at some gates, and nothing else about a person matters by
itself, though who is protected depends on gender, citizenship, age and more. The logs are no part
of Runut: they are looked for where RUNUT_DATA says.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from eventlog.definition import Definition

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("RUNUT_DATA") or ROOT.parent / "shared" / "data")
LABEL, VICTIM = "protected", "true"


@dataclass(frozen=True, kw_only=True)
class Published:
    """A log and what is known of it: the `gates` at which the protected are refused more often.

    `favourable` and `refusing` are activities, `attributes` what is compared beside the label, and
    `legitimate` a number in `bands` that may make a difference. `named` are the gates as a process
    file would name them; none: they are found.
    """

    name: str
    file: str
    about: str
    favourable: str
    refusing: tuple[str, ...]
    gates: tuple[str, ...]
    named: tuple[str, ...]
    attributes: Mapping[str, str]
    legitimate: str
    bands: tuple[float, ...]


LOGS: Sequence[Published] = (
    Published(
        name="hiring",
        file="hiring_log_high.xes.gz",
        about="job applications",
        favourable="Make Job Offer",
        refusing=("Application Rejected",),
        gates=(
            "Hand In Job Application",
            "Telephonic Screening",
            "Extensive Background Check",
            "ML Interview",
            "Frontend Interview",
            "Backend Interview",
        ),
        # Not the behavioural interview: up to three interviews run side by side, and the refusal
        # after one of them comes when the next step of another is done already.
        named=(
            "Hand In Job Application",
            "Telephonic Screening",
            "Screening Interview",
            "Background Check",
            "Extensive Background Check",
            "Coding Interview",
            "ML Interview",
            "Frontend Interview",
            "Backend Interview",
        ),
        attributes=MappingProxyType(
            {
                "gender": "case:gender",
                "citizen": "case:citizen",
                "german_speaking": "case:german speaking",
                "religious": "case:religious",
            }
        ),
        legitimate="case:yearsOfEducation",
        bands=(8.0, 11.0),
    ),
    Published(
        name="lending",
        file="lending_log_high.xes.gz",
        about="applications for a loan",
        favourable="Sign Loan Agreement",
        refusing=("Application Rejected", "Loan Denied", "Appointment Denied"),
        gates=(
            "Request Appointment",
            "Verify Borrowers Information",
            "Submit File to Underwriter",
        ),
        named=(),
        attributes=MappingProxyType(
            {
                "gender": "case:gender",
                "citizen": "case:citizen",
                "german_speaking": "case:german speaking",
            }
        ),
        legitimate="case:CreditScore",
        bands=(60.0, 70.0, 80.0),
    ),
)


def called(name: str) -> Published:
    """The log of that name."""
    return next(one for one in LOGS if one.name == name)


def there(log: Published) -> bool:
    """Whether the log is here."""
    return (DATA / log.file).exists()


def definition(log: Published, groups: Sequence[str]) -> Definition:
    """A process file for the log that compares these groups."""
    return Definition.model_validate(
        {
            "process": log.name,
            "timezone": "UTC",
            "columns": {"case_id": "case", "activity": "activity", "timestamp": "timestamp"},
            "case_attributes": [LABEL, *log.attributes, "age", "legitimate"],
            "bands": {"legitimate": list(log.bands)},
            "clock": {"closes": [log.favourable, *log.refusing]},
            "outcome": {
                "favourable_activities": [log.favourable],
                "unfavourable_activities": list(log.refusing),
            },
            "applicant_steps": [],
            "equity": {
                "groups": list(groups),
                "legitimate": ["legitimate"],
                "gates": list(log.named),
                # The whole log began within ten minutes and was over after eight days.
                "horizon": "5 days",
                "sensitive": list(groups),
                "basis": dict.fromkeys(groups, "published for tests of fairness"),
            },
        }
    )


def every(log: Published) -> Sequence[str]:
    """All attributes that are compared."""
    return (LABEL, *log.attributes, "age")
