"""Small charts of a case: what was measured in colour, what it is held against in grey."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from plantedu.charts.chart import Drawing, Part, built, only, table
from plantedu.charts.palette import VALUES, colour, colours

Line = tuple[str, np.ndarray, np.ndarray]  # name, where, value
DASHES = ([1, 0], [7, 3], [2, 2], [10, 2, 2, 2], [1, 4])


def curve_drawing(title: str, shown: np.ndarray, dark: bool) -> Drawing:
    """The displayed loss over the rows of the log."""
    rows = np.arange(len(shown), dtype=float)
    said = (
        f"{title}: the displayed loss over {len(shown)} rows of the log, from {shown[0]:.3g} to "
        f"{shown[-1]:.3g}; lowest {shown.min():.3g}, highest {shown.max():.3g}."
    )
    return lines_drawing(
        [("displayed loss", rows, shown)], [], "loss, nats", said, dark=dark, height=240
    )


def lines_drawing(
    lines: Sequence[Line],
    held_against: Sequence[Line],
    unit: str,
    said: str,
    *,
    dark: bool,
    band: tuple[float, float] | None = None,
    across: str = "row of the log",
    log: bool = False,
    height: int = 150,
) -> Drawing:
    """Up to five lines, and what they are held against.

    Args:
        lines: What was measured.
        held_against: What is drawn in grey.
        unit: Title of the upright axis.
        said: What the chart shows, in words.
        dark: Whether the page is dark.
        band: Low and high end of what is expected, drawn as a grey band.
        across: Title of the other axis.
        log: Whether the upright axis is logarithmic.
        height: In pixels.
    """
    parts = [_part("line", *line) for line in lines]
    parts += [_part("null", *line) for line in held_against]
    if band is not None:
        x = lines[0][1]
        ends = np.array([x.min(), x.max()])
        low, high = np.full(2, band[0]), np.full(2, band[1])
        parts.append(Part("band", "expected", ends, (low + high) / 2, low, high))
    names = tuple(name for name, _, _ in lines)
    return Drawing(_spec(names, unit, across, log, height, dark), table(parts), said)


def _part(kind: str, name: str, x: np.ndarray, y: np.ndarray) -> Part:
    good = np.isfinite(y)
    return Part(kind, name, x[good], y[good], y[good], y[good])


@lru_cache(maxsize=64)
def _spec(
    names: tuple[str, ...], unit: str, across: str, log: bool, height: int, dark: bool
) -> dict[str, Any]:
    things = ("loss",) if len(names) == 1 else VALUES[: len(names)]
    scale = alt.Scale(domain=list(names), range=colours(*things, dark=dark))
    legend = alt.Legend(orient="top", title=None, columns=3) if len(names) > 1 else None
    dash = alt.Scale(domain=list(names), range=[list(one) for one in DASHES[: len(names)]])
    grey = colour("null", dark=dark)
    x = alt.X("step:Q", title=across, axis=alt.Axis(tickCount=5, grid=False))
    kind = alt.Scale(type="log") if log else alt.Scale(zero=False)
    y = alt.Y("value:Q", title=unit, scale=kind)
    tips = ["name:N", "step:Q", alt.Tooltip("value:Q", format=".3g")]
    band = only("band").mark_area(color=grey, opacity=0.25)
    held = only("null").mark_line(color=grey, strokeWidth=1.3)
    line = only("line").mark_line(strokeWidth=1.6)
    layers = alt.layer(
        band.encode(x, alt.Y("low:Q", scale=kind), alt.Y2("high:Q")),
        held.encode(x, y, alt.Detail("name:N"), tooltip=tips),
        line.encode(
            x,
            y,
            alt.Color("name:N", scale=scale, legend=legend),
            alt.StrokeDash("name:N", scale=dash, legend=legend),
            tooltip=tips,
        ),
    )
    return built(layers.properties(height=height))
