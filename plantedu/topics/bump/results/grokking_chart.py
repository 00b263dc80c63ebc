"""Modular addition over the steps: train and test of the network, and its controls in grey."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt

from plantedu.charts.chart import Drawing, Part, built, only, table
from plantedu.charts.palette import colours
from plantedu.errors import require

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
DASHES = dict(zip((*LINES, *CONTROLS.values()), ([1, 0], [7, 3], [2, 2], [1, 4]), strict=True))
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
    shown = [*(LINES if len(SHOWN[what]) == 2 else LINES[:1]), *CONTROLS.values()]
    hues = {
        **dict(zip(LINES, ("rgb", "rgn"), strict=True)),
        **dict.fromkeys(CONTROLS.values(), "null"),
    }
    legend = alt.Legend(orient="top", title=None, symbolSize=400, labelLimit=0)
    paint = alt.Scale(domain=shown, range=colours(*(hues[name] for name in shown), dark=dark))
    dashes = alt.Scale(domain=shown, range=[DASHES[name] for name in shown])
    tips = ["name:N", "step:Q", alt.Tooltip("value:Q", format=".3g")]
    lines = [
        only(kind)
        .mark_line(strokeWidth=width)
        .encode(
            x,
            y,
            alt.Color("name:N", scale=paint, legend=legend),
            alt.StrokeDash("name:N", scale=dashes, legend=legend),
            tooltip=tips,
        )
        for kind, width in (("null", 1.4), ("line", 1.8))
    ]
    layers = alt.layer(*lines)
    return built(layers.properties(height=250))
