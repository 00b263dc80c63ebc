"""A table in colour: what a layer tells, and what the answer follows when a part is exchanged."""

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import INK, PAGE, colour
from plantedu.errors import require

LINES = (
    "readable",
    "shuffled levels",
    "all",
    "means",
    "means' rank, at random",
    "all but means",
    "reader",
    "reader's rank, at random",
    "same level, all",
    "same level, means",
    "other donors, means",
)


def interchange_chart(found: Any, *, dark: bool = False) -> Drawing:
    """Layers along the top; down the side what is readable, what is followed, and the controls.

    Args:
        found: An `analysis.interchange.InterchangeResult`.
        dark: Whether the page is dark.

    Raises:
        PlantEduError: without cells.
    """
    require(len(found.cells) > 0, "Nothing was exchanged.")
    layers = list(found.readable)
    rows = []
    for layer in layers:
        all_, means, reader, rest = (
            found.cell(layer, name) for name in ("all", "means", "reader", "all but means")
        )
        read = found.readable[layer]
        shares = (
            *(read.value, read.null, all_.follows.value, means.follows.value),
            *(means.follows.null, rest.follows.value, reader.follows.value, reader.follows.null),
            *(all_.same, means.same, means.shuffled),
        )
        rows += [
            {"kind": "cell", "layer": layer, "line": line, "share": share, "said": f"{share:.2f}"}
            for line, share in zip(LINES, shares, strict=True)
        ]
    asked, last = found.settings, layers[-1]
    means, reader = found.cell(last, "means"), found.cell(last, "reader")
    words = (
        f"{asked.network}, {asked.factor}: a reader of {last} names its level in "
        f"{found.readable[last].value:.2f} of plants (shuffled levels "
        f"{found.readable[last].null:.2f}). The answer follows it in {found.picture.value:.2f} "
        f"where the whole picture is the donor's ({found.picture.control} "
        f"{found.picture.null:.2f}), in {means.follows.value:.2f} where {last} gets the direction "
        f"between the means ({means.follows.control} {means.follows.null:.2f}), and in "
        f"{reader.follows.value:.2f} along the reader's. n = {found.picture.n}, 1 seed."
    )
    return Drawing(_spec(tuple(layers), dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=16)
def _spec(layers: tuple[str, ...], dark: bool) -> dict[str, Any]:
    theme = "dark" if dark else "light"
    ends = [PAGE[theme], colour("rgb", dark=dark)]
    top = alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, labelOverlap=False)
    side = alt.Axis(labelLimit=180, ticks=False, domain=False, labelOverlap=False)
    x = alt.X("layer:N", sort=list(layers), title=None, axis=top)
    y = alt.Y("line:N", sort=list(LINES), title=None, axis=side)
    scale = alt.Scale(domain=[0, 1], range=ends)
    hue = alt.Color("share:Q", scale=scale, legend=None)
    tips = ["layer:N", "line:N", alt.Tooltip("share:Q", format=".3f")]
    cells = only("cell")
    ink = alt.condition("datum.share > 0.6", alt.value(PAGE[theme]), alt.value(INK[theme]))
    layer = [
        cells.mark_rect(stroke=PAGE[theme], strokeWidth=2).encode(x, y, hue, tooltip=tips),
        cells.mark_text(fontSize=12).encode(x, y, text="said:N", color=ink),
    ]
    return built(alt.layer(*layer).properties(height=alt.Step(24)))
