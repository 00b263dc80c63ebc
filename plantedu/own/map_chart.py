"""Pictures and their maps side by side, as a chart that needs no other file.

Each map is scaled to its own largest value, since methods have no common unit: brightness compares
places of one map, never two maps.

Lesson: 09_attribution.
"""

import base64
import io
from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image

from plantedu.charts.chart import Drawing, built

SHOWN, SIDE = 8, 96  # pictures in a chart; pixels of each


def maps_chart(
    pictures: np.ndarray, maps: Mapping[str, np.ndarray], names: Sequence[str], *, says: str
) -> Drawing:
    """A row a picture, a column a map.

    Args:
        pictures: In [0, 1], "n 3 height width".
        maps: Relevance by its name, each "n height width", never negative.
        names: What was explained of each picture.
        says: What the chart shows, in words.
    """
    n = min(len(pictures), SHOWN)
    columns = ["picture", *maps]
    rows = []
    for k in range(n):
        cells = [np.moveaxis(pictures[k], 0, 2), *(_heat(one[k]) for one in maps.values())]
        rows += [
            {"picture": f"{k + 1}. {names[k]}", "map": column, "order": place, "url": _url(cell)}
            for place, (column, cell) in enumerate(zip(columns, cells, strict=True))
        ]
    x = alt.X("map:N", title=None, sort=columns, axis=alt.Axis(orient="top", labelAngle=0))
    y = alt.Y("picture:N", title=None, sort=None)
    chart = alt.Chart(alt.Data(name="rows")).mark_image(width=SIDE - 4, height=SIDE - 4)
    spec = built(chart.encode(x, y, url="url:N").properties(
        width=SIDE * len(columns), height=SIDE * n))  # fmt: skip
    more = f" The first {n} of {len(pictures)}." if n < len(pictures) else ""
    return Drawing(spec, pd.DataFrame(rows), says + more)


def _heat(relevance: np.ndarray) -> np.ndarray:
    """Black, orange, white: readable in grey as well."""
    top = float(relevance.max())
    level = relevance / top if top > 0 else relevance
    return np.stack([np.clip(level * c, 0, 1) for c in (2.2, 1.3, 0.9)], 2)


def _url(pixels: np.ndarray) -> str:
    image = Image.fromarray((np.clip(pixels, 0, 1) * 255).round().astype(np.uint8))
    file = io.BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.BILINEAR).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
