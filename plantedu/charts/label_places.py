"""Where words have room: on which side of a dot, and in how many lines beside an axis."""

import json
import textwrap
from collections.abc import Sequence
from typing import Literal

Side = Literal["right", "left", ""]
Box = tuple[float, float, float, float]  # left, right, bottom, top

PLOT = (200.0, 220.0)  # pixels of dots on a phone, whose axis ends beyond them; more is only wider
LETTER, LINE, DOT, GAP = 5.6, 12.0, 8.0, 7.0  # pixels, of words of 10 pixels


def sides(places: Sequence[tuple[float, float]], words: Sequence[str]) -> list[Side]:
    """Right of its dot, left of it, or "" where a word would lie over another, a dot or the end.

    Words are placed in their order, so the first ones find room.

    Args:
        places: x and y of each dot, on the scale that is drawn (a logarithm for a log axis).
        words: What stands beside each.
    """
    if not places:
        return []
    dots = _in_pixels(places)
    taken: list[Box] = [(x - DOT / 2, x + DOT / 2, y - DOT / 2, y + DOT / 2) for x, y in dots]
    found: list[Side] = []
    for (x, y), word in zip(dots, words, strict=True):
        wide, low, high = LETTER * len(word), y - LINE / 2, y + LINE / 2
        offers: dict[Side, Box] = {
            "right": (x + GAP, x + GAP + wide, low, high),
            "left": (x - GAP - wide, x - GAP, low, high),
        }
        free: list[Side] = [s for s, box in offers.items() if _free(box, taken)]
        side: Side = free[0] if free else ""
        found.append(side)
        if side:
            taken.append(offers[side])
    return found


def in_lines(names: Sequence[str], letters: int = 18) -> str:
    """A Vega expression for an axis that writes long names in several lines.

    Args:
        names: On the axis.
        letters: Most in a line; on a phone a plot needs the rest of the width.
    """
    lines = {name: textwrap.wrap(name, letters) for name in names}
    return f"{json.dumps(lines)}[datum.label]"


def _in_pixels(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Every place in the plot, which has the lowest and the highest number at its ends."""
    axes = []
    for values, pixels in zip(zip(*places, strict=True), PLOT, strict=True):
        low, high = min(values), max(values)
        axes.append([(v - low) / ((high - low) or 1.0) * pixels for v in values])
    return list(zip(*axes, strict=True))


def _free(box: Box, taken: Sequence[Box]) -> bool:
    left, right, low, high = box
    if left < 0 or right > PLOT[0]:
        return False
    return all(
        right <= other[0] or left >= other[1] or high <= other[2] or low >= other[3]
        for other in taken
    )
