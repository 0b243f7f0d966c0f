"""What was wrong with a message, in two words: without the value that was refused."""

# What a reject's reason begins with (`eventlog.messages`).
_PARTS = frozenset({
    "activity", "attributes", "case", "case_id", "content-type", "data", "data_base64", "event_id",
    "header", "id", "lifecycle", "resource", "sequence", "source", "specversion", "timestamp",
    "type", "unit", "value",
})  # fmt: skip
OTHER = "other"


def in_short(reason: str) -> str:
    """The reason of a reject as one of a few: safe to count by, and to show to anybody.

    >>> in_short('timestamp is "14 May"; expected RFC 3339, e.g. 2026-03-02T09:14:00+07:00')
    'timestamp unusable'
    >>> in_short("case_id is missing")
    'case_id missing'
    """
    part, _, rest = reason.partition(" ")
    if part not in _PARTS:
        return OTHER
    return f"{part} {'missing' if rest.startswith(('is missing', 'is empty')) else 'unusable'}"
