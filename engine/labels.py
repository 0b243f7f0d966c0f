"""What activities are called in sentences, in each language, instead of their codes in the log."""

from collections.abc import Mapping
from types import MappingProxyType

from eventlog.definition import Definition

Labels = Mapping[str, Mapping[str, str]]
"""What an activity is called, by its code and by language."""
NO_LABELS: Labels = MappingProxyType({})


def labels(definition: Definition) -> dict[str, dict[str, str]]:
    """The labels of the process file."""
    return {code: dict(called.items()) for code, called in definition.activities.items()}
