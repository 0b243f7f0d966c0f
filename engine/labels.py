"""What activities and attributes are called in sentences, instead of their names in the log."""

from collections.abc import Mapping
from types import MappingProxyType

from eventlog.definition import Definition

Labels = Mapping[str, Mapping[str, str]]
"""What an activity or an attribute is called, by its name in the log and by language."""
NO_LABELS: Labels = MappingProxyType({})


def labels(definition: Definition) -> dict[str, dict[str, str]]:
    """The labels of the process file; an activity goes before an attribute of the same name."""
    called = {**definition.labels, **definition.activities}
    return {name: dict(words.items()) for name, words in called.items()}


def attribute_called(name: str, language: str, names: Labels = NO_LABELS) -> str:
    """What an attribute is called; without a label its name, made readable.

    >>> attribute_called("permit_type", "en")
    'permit type'
    >>> attribute_called("permit_type", "id", {"permit_type": {"id": "jenis izin"}})
    'jenis izin'
    """
    return names.get(name, {}).get(language, name.replace("_", " "))
