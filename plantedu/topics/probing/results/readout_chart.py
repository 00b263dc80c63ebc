"""A panel a factor: what probes read from each layer and sensor, with both nulls."""

from functools import lru_cache
from typing import Any

import altair as alt

from plantedu.charts.chart import built, only
from plantedu.charts.palette import NAMES, colour

LAYERS = ("h", "z")
VIEWS = ("rgb", "rgn", "both")


@lru_cache(maxsize=2)
def readout_spec(dark: bool) -> dict[str, Any]:
    """One row of panels: a panel a factor, a line a sensor and layer."""
    x = alt.X("score:Q", title="accuracy or R²", scale=alt.Scale(domain=[-0.2, 1], clamp=True))
    y = alt.Y("from:N", title=None, sort=[f"{NAMES[v]} {k}" for v in VIEWS for k in LAYERS])
    base = only("reading")
    ink, null, chance = (colour(name, dark=dark) for name in ("loss", "null", "chance"))
    tips = ["factor:N", "from:N", "unit:N"] + [
        alt.Tooltip(f"{name}:Q", format=".2f") for name in ("score", "shuffled", "random init")
    ]
    layers = alt.layer(
        base.mark_rule(color=ink, strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", y=y),
        base.mark_tick(color=null, thickness=3).encode(x=alt.X("shuffled:Q"), y=y),
        base.mark_point(color=chance, shape="diamond", size=50).encode(
            x=alt.X("random init:Q"), y=y
        ),
        base.mark_point(color=ink, filled=True, size=60, opacity=1).encode(x=x, y=y, tooltip=tips),
    )
    faceted = layers.properties(width=150, height=110).facet(
        facet=alt.Facet("factor:N", title=None, sort=None), columns=4
    )
    return built(faceted)
