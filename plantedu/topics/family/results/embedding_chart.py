"""A map of plants: a dot or the picture of each, in the colour and shape of its disease."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, colour, colours

SIDE = 15  # pixels of a picture
CLASSES = ("healthy", "blast", "brown")


def map_chart(
    points: Sequence[tuple[float, float]],
    labels: Sequence[str],
    plants: Sequence[int],
    *,
    says: str,
    pictures: Sequence[str] = (),
    dark: bool = False,
) -> Drawing:
    """Plants where a map puts them; its axes mean nothing and are not drawn.

    Args:
        points: Where each stands.
        labels: Its disease.
        plants: Its number in the world.
        says: What the map shows, with its null.
        pictures: Addresses of the first plants' pictures, to be drawn on their dots; the other
            plants stay dots.
        dark: Whether the page is dark.
    """
    rows = pd.DataFrame(points, columns=["x", "y"])
    rows["disease"] = [NAMES[label] for label in labels]
    rows["plant"], rows["kind"] = plants, "plant"
    if pictures:
        rows["picture"] = [*pictures, *[""] * (len(rows) - len(pictures))]
        rows.loc[: len(pictures) - 1, "kind"] = "picture"
    return Drawing(_spec(dark, bool(pictures)), rows, says)


@lru_cache(maxsize=4)
def _spec(dark: bool, pictures: bool) -> dict[str, Any]:
    names = [NAMES[one] for one in CLASSES]
    x, y = alt.X("x:Q", axis=None), alt.Y("y:Q", axis=None)
    scale = alt.Scale(domain=names, range=colours(*CLASSES, dark=dark))
    paint = alt.Color("disease:N", scale=scale, legend=alt.Legend(orient="bottom", title=None))
    shape = alt.Shape("disease:N", scale=alt.Scale(domain=names))
    tips = ["plant:N", "disease:N"]
    dots = only("plant").mark_point(filled=True, size=45, opacity=0.9)
    layers: list[alt.Chart] = [dots.encode(x, y, paint, shape, tooltip=tips)]
    if pictures:
        framed = only("picture")
        ring = framed.mark_point(filled=True, size=SIDE**2 * 1.9, opacity=1)
        image = framed.mark_image(width=SIDE, height=SIDE)
        layers += [
            ring.encode(x, y, paint, shape, tooltip=tips),
            image.encode(x, y, url="picture:N", tooltip=tips),
        ]
    frame = alt.ViewConfig(stroke=colour("null", dark=dark))
    return built(alt.layer(*layers).properties(height=360, view=frame))
