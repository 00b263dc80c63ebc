"""Numbers of drawn pictures, a panel a number: with the condition, and without from that noise."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built
from plantedu.charts.palette import colours, words_ink
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

CONDITIONAL, UNCONDITIONAL = "conditional", "unconditional"
PLOT = 220  # pixels: with words beside it on a phone


def generate_chart(numbers: Mapping[str, Evidence], *, dark: bool = False) -> Drawing:
    """A bar for the conditional pictures, and one for the same noise without a condition.

    Raises:
        PlantEduError: without numbers.
    """
    require(bool(numbers), "There are no numbers to draw for this condition.")
    rows = [
        {"kind": "number", "number": name, "what": what, "value": value}
        for name, one in numbers.items()
        for what, value in ((CONDITIONAL, one.value), (UNCONDITIONAL, one.null))
    ]
    rows += [  # an MRR near chance would fill its panel like one near 1
        {"kind": "axis end", "number": name, "what": CONDITIONAL, "value": 1.0}
        for name in numbers
        if name.startswith("MRR")
    ]
    said = "; ".join(
        f"{name} {one.value:z.3f} (unconditional {one.null:z.3f})" for name, one in numbers.items()
    )
    first = next(iter(numbers.values()))
    words = f"Pictures drawn from one representation. {said}. {first.n} samples of one plant."
    return Drawing(_spec(tuple(numbers), dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=16)
def _spec(names: tuple[str, ...], dark: bool) -> dict[str, Any]:
    paint = alt.Scale(domain=[CONDITIONAL, UNCONDITIONAL], range=colours("both", "null", dark=dark))
    x = alt.X("value:Q", title=None, scale=alt.Scale(domainMin=0))
    y = alt.Y("what:N", title=None, sort=[CONDITIONAL, UNCONDITIONAL])
    whole = alt.Chart(alt.Data(name="rows"))  # one source for all, as a facet wants it
    numbers, ends = (whole.transform_filter(f"datum.kind == '{k}'") for k in ("number", "axis end"))
    numbers = numbers.encode(
        x, y, tooltip=["number:N", "what:N", alt.Tooltip("value:Q", format=".3f")]
    )
    ink = {"align": "left", "dx": 4, "color": words_ink(dark=dark)}
    layers = [
        numbers.mark_bar(size=14).encode(alt.Color("what:N", scale=paint, legend=None)),
        numbers.mark_text(**ink).encode(text=alt.Text("value:Q", format=".3f")),
        ends.mark_point(opacity=0).encode(x, y),
    ]
    panel = alt.layer(*layers).properties(width=PLOT, height=50)
    title = alt.Header(title=None, labelFontWeight="bold")
    facets = panel.facet(alt.Facet("number:N", sort=list(names), header=title), columns=1)
    return built(facets.resolve_scale(x="independent"))
