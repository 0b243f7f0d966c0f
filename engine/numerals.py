"""How numbers are written in each language: 1,234.5 and 6.5 %, or 1.234,5 and 6,5%."""

from collections.abc import Sequence
from typing import Literal

Language = Literal["en", "id"]
LANGUAGES: tuple[Language, ...] = ("en", "id")
_SWAPPED = str.maketrans(",.", ".,")


def whole(count: float, language: Language) -> str:
    """A whole number with its thousands apart.

    >>> whole(1234, "id")
    '1.234'
    """
    return _local(f"{count:,.0f}", language)


def decimal(amount: float, language: Language) -> str:
    """A number with one digit after the point, two below 1.5 where one would tell too little.

    >>> decimal(2.34, "en"), decimal(1.15, "id"), decimal(14.0, "en"), decimal(-0.001, "en")
    ('2.3', '1,15', '14', '0')
    """
    digits = 2 if abs(amount) < 1.5 else 1  # noqa: PLR2004 (told just above)
    said = f"{amount:,.{digits}f}".rstrip("0").rstrip(".")
    return _local("0" if said == "-0" else said, language)


def alike(numbers: Sequence[float], language: Language) -> tuple[str, ...]:
    """A value and its two limits with as many digits each: one, or two where limits are close.

    >>> alike((4.021, 3.997, 4.045), "en"), alike((6.6, 6.41, 6.79), "id")
    (('4.02', '4.00', '4.04'), ('6,6', '6,4', '6,8'))
    """
    _, low, high = numbers
    digits = 1 if f"{low:.1f}" != f"{high:.1f}" else 2
    said = (f"{round(number, digits) + 0.0:,.{digits}f}" for number in numbers)
    return tuple(_local(text, language) for text in said)


def percent(share: float, language: Language) -> str:
    """A share of 0 to 1 in per cent, with a digit after the point below ten.

    >>> percent(0.0663, "en"), percent(0.0663, "id"), percent(0.5, "en")
    ('6.6 %', '6,6%', '50 %')
    """
    few = 0.0005 < share < 0.0995  # noqa: PLR2004 (what is written with a digit after the point)
    said = _local(f"{100 * share:.{1 if few else 0}f}", language)
    return f"{said} %" if language == "en" else f"{said}%"


def _local(text: str, language: Language) -> str:
    return text.translate(_SWAPPED) if language == "id" else text
