"""A chart as a value: a Vega-Lite spec made by Altair, the rows it draws, and what it says.

Specs depend on the kind of chart and on the theme only, so each is built once and sent to a page
with new rows; the rows name their `kind`, and each layer of a spec draws one kind.
"""

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from plantedu.charts.palette import words_ink

ON_PAGE = {"aria": False, "mark": {"aria": False}, "axisY": {"labelFlush": False}}

# Pixels that a page has, not those of the plot: a plot gives way to its legend, and a legend that
# asked the plot would change its lines for it again.
WINDOW = "[width, windowSize()[0]][1]"  # looked at anew when a plot changes its width
NARROW = 640  # pixels; a wider page has room for a legend in one line
STACKED = {"direction": {"signal": f"{WINDOW} < {NARROW} ? 'vertical' : 'horizontal'"}}
LEGENDS = {"layout": {"top": STACKED, "bottom": STACKED}}
# Several plots in one, each of a fixed width.
JOINED = {"facet", "repeat", "concat", "hconcat", "vconcat", "row", "column"}
LETTER, SYMBOL, USUAL = 6, 34, 16  # pixels, pixels, letters of a name where names are not known
EDGE = {"right": 8, "top": 4}  # pixels: half a number at an axis' end; below, Streamlit has 20
TITLE = 40  # letters of an axis' title in a line
MARGIN, AXIS = 90, 60  # pixels beside a chart, and left of its plot; long names ask for more


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chart: Vega-Lite `spec` without data, the `rows` it draws, and what it shows as `alt`.

    `alt` says every number to who does not see the chart; `caption` is what stands below it, the
    number, its null and what it means. Where `alt` is short it is the caption too.
    """

    spec: dict[str, Any]
    rows: pd.DataFrame
    alt: str
    caption: str = ""

    def vega_lite(self, made_by: str = "") -> str:
        """The whole chart as one JSON text, data included; any Vega-Lite editor opens it.

        Args:
            made_by: The command that makes it again; stands in the file where it is given.
        """
        rows = {"values": json.loads(str(self.rows.to_json(orient="records")))}
        whole = {**self.spec, "data": rows, "description": self.alt}
        if made_by:
            whole["usermeta"] = {**self.spec.get("usermeta", {}), "made_by": made_by}
        return json.dumps(whole, indent=1)

    def on_page(self, *, dark: bool = False) -> dict[str, Any]:
        """The spec as a page draws it, beside `alt`: a screen reader hears that, not each mark.

        Vega names no groups of marks, so each would be a picture without words (axe: svg-img-alt).
        Streamlit's theme pulls the first and last label of an axis inwards (`labelFlush`): names of
        rows would stand some pixels beside their rows. A legend above or below a chart takes as
        many lines as the chart's width asks for: in one line its end would be cut on a phone. The
        theme's grey words stand 3.5:1 against the page, too little to read.
        """
        words = _in_ink(words_ink(dark=dark))
        if JOINED & {*self.spec, *self.spec.get("encoding", ())}:
            config = {**ON_PAGE, **words, "axisX": {"labelFlush": False}}
            return {**self.spec, "config": config}
        spec = _with_lines(self.spec, _beside(self.spec))
        config = {**ON_PAGE, **words, "legend": words["legend"] | LEGENDS}
        return {**spec, "padding": EDGE, "config": config}

    def csv(self, made_by: str = "") -> str:
        """The rows as comma-separated text.

        Args:
            made_by: The command that makes it again; a last column says it in every row, so that
                rows of two files that were put together still tell.
        """
        rows = self.rows.assign(made_by=made_by) if made_by else self.rows
        return rows.to_csv(index=False)


def sheet(drawings: Mapping[str, Drawing], *, columns: int = 3) -> str:
    """Several drawings as one Vega-Lite chart with its data, each under its name."""
    charts = [json.loads(one.vega_lite()) | {"title": name} for name, one in drawings.items()]
    for chart in charts:
        chart.pop("$schema", None)
    first = next(iter(drawings.values()))
    whole = {"$schema": first.spec["$schema"], "columns": columns, "concat": charts}
    return json.dumps(whole, indent=1)


def built(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """An Altair chart as a spec that waits for its rows; all its layers draw the same ones.

    A mark beyond a fixed axis would be drawn over labels and neighbours: it stays on the edge, and
    `edges.beyond` says so.
    """
    spec = chart.to_dict()
    for part in (spec, *spec.get("layer", ())):
        for unused in ("data", "datasets", "config"):
            part.pop(unused, None)
    _clamp(spec)
    return spec


def _in_ink(ink: str) -> dict[str, dict[str, str]]:
    """All words beside the marks of a chart in one colour."""
    both = {"labelColor": ink, "titleColor": ink}
    return {"axis": both, "legend": both, "header": both, "title": {"color": ink}}


def _beside(part: Any) -> int:
    """Pixels left of a plot, by what its axis asks for names."""
    if isinstance(part, list):
        return max(map(_beside, part), default=AXIS)
    if not isinstance(part, dict):
        return AXIS
    axis = (part.get("encoding", {}).get("y") or {}).get("axis") or {}
    return max(axis.get("labelLimit", 0) + AXIS // 3, *map(_beside, part.values()), AXIS)


def _with_lines(part: Any, beside: int) -> Any:
    """A spec whose long titles, and legends where a page is narrow, go on in a next line."""
    if isinstance(part, list):
        return [_with_lines(one, beside) for one in part]
    if not isinstance(part, dict):
        return part
    found = {name: _with_lines(one, beside) for name, one in part.items()}
    across = found.get("x")
    if isinstance(across, dict) and isinstance(across.get("title"), str):
        lines = textwrap.wrap(across["title"], TITLE)
        found["x"] = {**across, "title": lines if len(lines) > 1 else across["title"]}
    legend = found.get("legend")
    if isinstance(legend, dict) and legend.get("orient") in ("top", "bottom"):
        names = (found.get("scale") or {}).get("domain")
        known = [len(str(name)) for name in names] if isinstance(names, list) else [USUAL]
        wide = SYMBOL + LETTER * max(known, default=USUAL)
        most = legend.get("columns", 0)
        fit = f"max(1, floor(({WINDOW} - {MARGIN + beside}) / {wide:.0f}))"
        fit = f"min({most}, {fit})" if most else fit
        found["legend"] = {**legend, "columns": {"expr": f"{WINDOW} < {NARROW} ? {fit} : {most}"}}
    return found


def _clamp(part: Any) -> None:
    """Keep marks inside of every axis whose ends are fixed."""
    if isinstance(part, list):
        for one in part:
            _clamp(one)
        return
    if not isinstance(part, dict):
        return
    for place in ("x", "y"):
        scale = (part.get("encoding", {}).get(place) or {}).get("scale") or {}
        ends = [scale.get(name) for name in ("domain", "domainMin", "domainMax")]
        numbers = isinstance(ends[0], list) and all(isinstance(one, int | float) for one in ends[0])
        if numbers or ends[1] is not None or ends[2] is not None:
            scale["clamp"] = True
    for inside in part.values():
        _clamp(inside)


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of one table that share their kind and their name."""

    kind: str
    name: str
    step: Sequence[float] | np.ndarray
    value: Sequence[float] | np.ndarray
    low: Sequence[float] | np.ndarray
    high: Sequence[float] | np.ndarray


def mark(kind: str, name: str, *, step: float = math.nan, value: float = math.nan) -> Part:
    """One row for a rule or a word."""
    return Part(kind, name, [step], [value], [math.nan], [math.nan])


def table(parts: Sequence[Part]) -> pd.DataFrame:
    """Parts below one another: step, value, low, high, kind, name."""
    counts = [len(part.step) for part in parts]
    numbers = {
        column: np.concatenate([np.asarray(getattr(part, column), float) for part in parts])
        for column in ("step", "value", "low", "high")
    }
    words = {
        column: np.repeat(np.array([getattr(part, column) for part in parts], object), counts)
        for column in ("kind", "name")
    }
    return pd.DataFrame({**numbers, **words})


def only(kind: str) -> alt.Chart:
    """A layer that draws the rows of one kind."""
    return alt.Chart(alt.Data(name="rows")).transform_filter(f"datum.kind == '{kind}'")
