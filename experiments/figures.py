"""Charts as figures for readers of the markdown: SVG on white, with room for every label."""

import json
from pathlib import Path
from typing import Any

import vl_convert

from plantedu.charts.chart import Drawing

FIGURES = Path(__file__).parents[1] / "lessons" / "figures"
ROOM = {"left": 24, "right": 12, "top": 6, "bottom": 6}  # a reader's font may be wider than ours


def save(name: str, drawing: Drawing | str, **changes: Any) -> None:
    """Write a chart to lessons/figures/`name`.svg.

    Args:
        name: Of the file.
        drawing: The chart, or its Vega-Lite specification.
        changes: What is laid over its Vega-Lite specification, such as width=420.
    """
    text = drawing if isinstance(drawing, str) else drawing.vega_lite()
    spec = json.loads(text) | {"background": "white", "padding": ROOM} | changes
    FIGURES.mkdir(exist_ok=True)
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    (FIGURES / f"{name}.svg").write_text(svg, encoding="utf-8")
