"""Share fooled: a row for the network that was attacked, a column for the one that is asked."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import INK, PAGE, colour
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence


def transfer_chart(
    cells: Sequence[tuple[str, str, Evidence]], *, dark: bool = False, unit: str = "plants"
) -> Drawing:
    """A square for each pair of networks, its share written in it, noise below the share.

    Args:
        cells: Network attacked, network asked, and the share fooled beside noise.
        dark: Whether the page is dark.
        unit: What n counts.

    Raises:
        PlantEduError: without cells.
    """
    require(bool(cells), "Nothing has been attacked yet.")
    rows = [
        {
            "made on": made_on,
            "seen by": seen_by,
            "fooled": e.value,
            "noise": e.null,
            "low": e.interval[0] if e.interval else None,
            "high": e.interval[1] if e.interval else None,
            "n": e.n,
            "words": f"{e.value:.2f}",
            "beside": f"{e.null:.2f}",
        }
        for made_on, seen_by, e in cells
    ]
    names = tuple(dict.fromkeys(name for name, *_ in cells))
    said = "; ".join(f"{a} on {b} {e.value:.2f} (noise {e.null:.2f})" for a, b, e in cells)
    counted = sorted({e.n for *_, e in cells})
    words = (
        f"Share fooled by pictures made on the first network and shown to the second: {said}. "
        f"n = {counted[0]} to {counted[-1]} {unit}; of the plants classified correctly when clean; "
        "null: noise."
    )
    return Drawing(_spec(names, dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=4)
def _spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    theme = "dark" if dark else "light"
    full, ink = colour("floor", dark=dark), INK[theme]
    scale = alt.Scale(domain=[0, 1], range=[PAGE[theme], full])
    axis = alt.Axis(labelAngle=-30, orient="top", domain=False, ticks=False)
    x = alt.X("seen by:N", sort=list(names), title="shown to (small: noise)", axis=axis)
    y = alt.Y("made on:N", sort=list(names), title="made on")
    tips = ["made on:N", "seen by:N", "n:Q"]
    tips += [alt.Tooltip(f"{c}:Q", format=".2f") for c in ("fooled", "low", "high", "noise")]
    base = alt.Chart(alt.Data(name="rows")).encode(x, y)
    shade = alt.condition("datum.fooled > 0.6", alt.value(PAGE[theme]), alt.value(ink))
    layers = alt.layer(
        base.mark_rect().encode(
            color=alt.Color("fooled:Q", scale=scale, legend=None), tooltip=tips
        ),
        base.mark_text(dy=-6, fontSize=11).encode(text="words:N", color=shade),
        base.mark_text(dy=9, fontSize=9).encode(text="beside:N", color=shade),
    )
    return built(layers.properties(height=46 * len(names) + 130, width=110 * len(names)))
