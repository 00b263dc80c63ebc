"""Modular addition over the steps: train and test of the network, and its controls in grey."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from plantedu.drawing import Drawing, Part, built, only, table
from plantedu.errors import require
from plantedu.palette import colour, colours

SHOWN = {
    "accuracy": ("accuracy/train", "accuracy/test"),
    "loss": ("loss/train", "loss/test"),
    "fourier": ("fourier",),
    "norm": ("norm",),
}
TITLES = {
    "accuracy": "share of right answers",
    "loss": "loss, nats",
    "fourier": "share of power in 5 frequencies",
    "norm": "length of all weights",
}
CONTROLS = {"no_decay": "no weight decay", "shuffled": "answers dealt anew"}
LINES = ("training pairs", "test pairs")
LEAST = 1e-7  # losses are drawn on a log axis
Curves = Mapping[str, tuple[Sequence[int], Mapping[str, Sequence[float]]]]


def grokking_chart(arms: Curves, what: str, said: str, dark: bool = False) -> Drawing:
    """One measure of every arm.

    Args:
        arms: Steps and curves by arm; "decay" is drawn in colour, the others are its null.
        what: A key of SHOWN.
        said: What the chart shows, in words.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: for a measure that is not there.
    """
    require(what in SHOWN, f"There is {', '.join(SHOWN)} to draw, not {what!r}.")
    parts = []
    steps, curves = arms["decay"]
    names = LINES if len(SHOWN[what]) == 2 else LINES[:1]
    for name, curve in zip(names, SHOWN[what], strict=True):
        parts.append(_part("line", name, steps, curves[curve]))
    for arm, name in CONTROLS.items():
        if arm in arms:
            parts.append(_part("null", name, arms[arm][0], arms[arm][1][SHOWN[what][-1]]))
    return Drawing(_spec(what, dark), table(parts), said)


def _part(kind: str, name: str, steps: Sequence[int], values: Sequence[float]) -> Part:
    shown = [max(value, LEAST) for value in values]
    return Part(kind, name, list(steps), shown, shown, shown)


@lru_cache(maxsize=16)
def _spec(what: str, dark: bool) -> dict[str, Any]:
    scale = alt.Scale(type="log") if what == "loss" else alt.Scale(zero=what == "accuracy")
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickCount=5, grid=False))
    y = alt.Y("value:Q", title=TITLES[what], scale=scale)
    paint = alt.Scale(domain=list(LINES), range=colours("rgb", "rgn", dark=dark))
    legend = alt.Legend(orient="top", title=None) if len(SHOWN[what]) == 2 else None
    dash = alt.StrokeDash(
        "name:N", legend=legend, scale=alt.Scale(domain=list(LINES), range=[[1, 0], [7, 3]])
    )
    null = colour("null", dark=dark)
    far = alt.StrokeDash(
        "name:N",
        legend=None,
        scale=alt.Scale(domain=list(CONTROLS.values()), range=[[2, 2], [1, 4]]),
    )
    tips = ["name:N", "step:Q", alt.Tooltip("value:Q", format=".3g")]
    layers = alt.layer(
        only("null").mark_line(color=null, strokeWidth=1.4).encode(x, y, far, tooltip=tips),
        only("line")
        .mark_line(strokeWidth=1.8)
        .encode(x, y, alt.Color("name:N", scale=paint, legend=legend), dash, tooltip=tips),
    ).resolve_scale(strokeDash="independent")
    return built(layers.properties(height=250))
