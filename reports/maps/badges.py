"""Open applications on the map: a number at the step where they stand, one where they left off."""

from reports.charts.colours import BADGE, INK
from reports.language import say_many
from reports.maps.graph import Activity
from reports.maps.plan import Box, badge_texts, badge_width
from reports.maps.shapes import px, text
from reports.words.wording import FONT, number

_HIGH = 17.0
_GAP = 4.0


def draw_badges(activity: Activity, box: Box) -> str:
    """The badges in the right corners of the box: above who is at the step, below who left it."""
    at, after = badge_texts(activity)
    right = box.left + box.width - _GAP
    above, below = box.top + _GAP, box.top + box.height - _GAP - _HIGH
    drawn = [
        badge(right - badge_width(at), above, at) if at else "",
        badge_after(right - badge_width(after), below, after) if after else "",
    ]
    return "".join(drawn)


def badge(left: float, top: float, words: str) -> str:
    """A full badge: open applications that wait for this step, or are in hand there."""
    fill, border = BADGE
    return _pill(left, top, words, f'fill="{fill}" stroke="{border}"')


def badge_after(left: float, top: float, words: str) -> str:
    """An empty badge: open applications whose last step this was; the next is not known."""
    return _pill(left, top, words, f'fill="#ffffff" stroke="{BADGE[1]}" stroke-dasharray="3 2"')


def standing_words(activity: Activity) -> str:
    """The same in words, for those who point at the box or hear it read; empty for none."""
    one = activity.standing
    said = ""
    if one.at and one.about:
        said += say_many(
            "; about %(n)s open application stands here now",
            "; about %(n)s open applications stand here now",
            one.at,
            n=number(one.at),
        )
    elif one.at:
        said += say_many(
            "; %(n)s open application stands here now",
            "; %(n)s open applications stand here now",
            one.at,
            n=number(one.at),
        )
    if one.after and one.about:
        said += say_many(
            "; about %(n)s open one left here, its next step is not known",
            "; about %(n)s open ones left here, their next step is not known",
            one.after,
            n=number(one.after),
        )
    elif one.after:
        said += say_many(
            "; %(n)s open one left here, its next step is not known",
            "; %(n)s open ones left here, their next step is not known",
            one.after,
            n=number(one.after),
        )
    return said


def _pill(left: float, top: float, words: str, look: str) -> str:
    wide = badge_width(words)
    return (
        f'<g class="standing"><rect x="{px(left)}" y="{px(top)}" width="{px(wide)}" '
        f'height="{px(_HIGH)}" rx="{px(_HIGH / 2)}" {look}/><text x="{px(left + wide / 2)}" '
        f'y="{px(top + 12.8)}" text-anchor="middle" font-size="{px(FONT - 1)}" '
        f'font-weight="600" fill="{INK}">{text(words)}</text></g>'
    )
