"""How things are called where only lower-case letters, digits and dashes are allowed."""

import re


def slug(name: str) -> str:
    """The name in lower case, everything else than letters and digits as single dashes.

    >>> slug("Building permit (2026)")
    'building-permit-2026'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
