"""What a class said to one question: a bar an option, beside an even spread."""

import textwrap
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour

LETTERS = 34  # of an option in one line
WHOLE, TICKS = alt.Scale(domain=[0, 1]), [0, 0.2, 0.4, 0.6, 0.8, 1]


def votes_chart(
    options: Sequence[tuple[str, int]], *, right: str = "", dark: bool = False, large: bool = False
) -> Drawing:
    """Share of those who locked an answer, for each option.

    Args:
        options: The option's text and how many chose it.
        right: The right option's text, once it may be shown; "" before. It gets a tick and a
            word: on a wall a colour alone is not seen by all.
        dark: Whether the page is dark.
        large: Whether it is read from the back of a room.
    """
    n = sum(count for _, count in options)
    rows = [
        {
            "kind": "vote",
            "option": _lines(f"✓ Right: {text}" if text == right else text),
            "share": count / max(n, 1),
            "count": count,
            "answer": "right" if text == right else "an option",
        }
        for text, count in options
    ]
    said = "; ".join(f"{text}: {count}" for text, count in options)
    answer = f" Right: {right}." if right else ""
    even = 1 / len(options)
    words = f"{n} answers of a class: {said}.{answer} Null: an even spread, {even:z.2f} each."
    return Drawing(_spec(dark, len(options), large), pd.DataFrame(rows), words)


def _lines(text: str) -> str:
    return "\n".join(textwrap.wrap(text, LETTERS, max_lines=3, placeholder=" ..."))


@lru_cache(maxsize=16)
def _spec(dark: bool, options: int, large: bool) -> dict[str, Any]:
    ink, null = colour("loss", dark=dark), colour("null", dark=dark)
    lines = "split(datum.label, '\\n')"
    size = 20 if large else 12  # pixels of a letter
    axis = alt.Axis(
        labelLimit=22 * size,
        labelFontSize=size,
        ticks=False,
        domain=False,
        labelOverlap=False,
        labelExpr=lines,
    )
    y = alt.Y("option:N", title=None, sort=None, axis=axis)
    ticks = alt.Axis(values=TICKS, labelFontSize=size, titleFontSize=size)
    x = alt.X("share:Q", title="share of those who locked", scale=WHOLE, axis=ticks)
    scale = alt.Scale(domain=["right", "an option"], range=[colour("both", dark=dark), ink])
    hue = alt.Color("answer:N", scale=scale, legend=None)
    votes = only("vote")
    layers = [
        votes.mark_bar(height=1.2 * size).encode(x, y, hue, tooltip=["option:N", "count:Q"]),
        votes.mark_text(align="left", dx=4, color=ink, fontSize=size).encode(
            x, y, alt.Text("count:Q")
        ),
        alt.Chart()
        .mark_rule(color=null, strokeDash=[4, 3], strokeWidth=2)
        .encode(x=alt.datum(1 / options)),
    ]
    return built(alt.layer(*layers).properties(height=75 + 3.7 * size * options))
