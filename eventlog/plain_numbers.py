"""Numbers as process files and logs may write them: plain decimals, nothing to guess."""

import math
import re

_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?")


def plain_number(text: str) -> float:
    """A plain decimal number; NaN for anything else, since a guess would change what was meant.

    >>> plain_number(" 1200.50 "), plain_number("1,200.50")
    (1200.5, nan)
    """
    text = text.strip()
    return float(text) if _DECIMAL.fullmatch(text) else math.nan
