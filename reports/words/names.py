"""What activities and attributes are called where people read of them, not their codes."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from reports.language import mark, say
from reports.maps.graph import Edge, Place, ProcessMap

Names = Mapping[str, str]
"""What is written for an activity or an attribute, by its code; what keeps it is left out."""
_OUTCOMES = {
    "favourable": mark("approved"),
    "unfavourable": mark("refused"),
    "withdrawn": mark("withdrawn"),
}
NO_NAMES: Names = MappingProxyType({})


def names_of(
    labels: Mapping[str, Mapping[str, str]], codes: Collection[str], language: str
) -> Names:
    """The labels of the process file in a language, where each tells one activity from all others.

    `codes` are all activities of the log: a label that two of them share, or that is the code of
    another, would make two activities one to the reader, so these keep their codes.

    >>> dict(names_of({"a": {"en": "Ask"}, "b": {"en": "b"}, "c": {}}, ["a", "b", "d"], "en"))
    {'a': 'Ask'}
    """
    told = {
        code: label.strip()
        for code in dict.fromkeys([*labels, *codes])
        if (label := labels.get(code, {}).get(language, code)).strip()
    }
    shared = Counter(told.values())
    return MappingProxyType(
        {
            code: label
            for code, label in told.items()
            if label != code and shared[label] == 1 and label not in told
        }
    )


def attribute_words(name: str, names: Names) -> str:
    """The name of an attribute as people read it in a sentence.

    >>> attribute_words("permit_type", {}), attribute_words("a", {"a": "jenis izin"})
    ('permit type', 'jenis izin')
    """
    return names.get(name, name.replace("_", " ").replace("-", " "))


def value_words(name: str, value: str) -> str:
    """The value of an attribute as people read it: how a case ended is told in words.

    >>> value_words("outcome", "favourable"), value_words("permit_type", "house")
    ('approved', 'house')
    """
    return say(_OUTCOMES[value]) if name == "outcome" and value in _OUTCOMES else value


def first_capital(words: str) -> str:
    """The words as they stand at the head of a column or a field.

    >>> first_capital("permit type")
    'Permit type'
    """
    return words[:1].upper() + words[1:]


def called(place: Place, names: Names) -> Place:
    """What is written for a place; start and end stay what they are."""
    return names.get(place, place) if isinstance(place, str) else place


def named(graph: ProcessMap, names: Names) -> ProcessMap:
    """The map with names for codes; an activity whose code is replaced keeps it as `code`."""
    if not names:
        return graph
    return ProcessMap(
        activities=tuple(
            replace(a, name=names[a.name], code=a.name) if a.name in names else a
            for a in graph.activities
        ),
        edges=tuple(_named(edge, names) for edge in graph.edges),
    )


def _named(edge: Edge, names: Names) -> Edge:
    return replace(edge, source=called(edge.source, names), target=called(edge.target, names))
