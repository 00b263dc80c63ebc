"""The result of `neurons interchange`: settings, what was found, the chart.

Lesson: 10_neurons.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import INK, PAGE, colour
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

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


@dataclass(frozen=True)
class Settings:
    """Which network is asked about which factor.

    Attributes:
        network: What ships (cues/mark-0, supervised_rgb-0, cross-0), or file:PATH.
        factor: What differs between base and donor.
        sensor: Whose pictures a projector sees, rgb or rgn.
        layers: Which; none for all.
        plants: n, plants that are exchanged.
        fitted: Plants that directions and readers are found on, behind those.
        first: Index of the first plant.
        draws: Subspaces at random.
        seed: Draws them, and the orders.
    """

    network: str = "cues/lesions-0"
    factor: str = "mark"
    sensor: str = "rgb"
    layers: tuple[str, ...] = ()
    plants: int = 64
    fitted: int = 128
    first: int = FIRST_HELD_OUT
    draws: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.sensor in ("rgb", "rgn"), f"sensor is rgb or rgn; got {self.sensor!r}.")
        require(16 <= self.plants <= 1024, f"plants is 16 to 1024; got {self.plants}.")
        require(16 <= self.fitted <= 1024, f"fitted is 16 to 1024; got {self.fitted}.")
        require(self.first >= 0, f"first is 0 or more; got {self.first}.")
        require(1 <= self.draws <= 100, f"draws is 1 to 100; got {self.draws}.")


@dataclass(frozen=True)
class Cell:
    """One layer and subspace.

    Attributes:
        layer, subspace: Which.
        rank: Dimensions exchanged.
        follows: Share of answers that become the donor's; null: random subspaces of equal rank,
            or for all of a layer, donors of the base's level.
        anywhere: The same share for subspaces of equal rank from all directions alike.
        same: With donors of the base's level.
        shuffled: With donors given to other plants at random.
    """

    layer: str
    subspace: str
    rank: int
    follows: Evidence
    anywhere: float
    same: float
    shuffled: float


@dataclass(frozen=True)
class InterchangeResult(AsJson):
    """Does the answer follow the exchanged factor?

    Attributes:
        settings: How it was made.
        picture: Share of answers that become the donor's where the picture is; null: no exchange.
        readable: By layer: share of plants whose level a reader names; null: shuffled levels.
        cells: By layer and subspace.
    """

    settings: Settings
    picture: Evidence
    readable: dict[str, Evidence]
    cells: tuple[Cell, ...]

    def cell(self, layer: str, subspace: str) -> Cell:
        """One of the cells.

        Raises:
            PlantEduError: if it is not there.
        """
        found = [c for c in self.cells if (c.layer, c.subspace) == (layer, subspace)]
        known = ", ".join(f"{c.layer}/{c.subspace}" for c in self.cells)
        require(len(found) == 1, f"No cell {layer}/{subspace}; there are {known}.")
        return found[0]

    def chart(self, *, dark: bool = False) -> Drawing:
        """By layer: what is readable, and what the answer follows."""
        return interchange_chart(self, dark=dark)


def interchange_chart(found: InterchangeResult, *, dark: bool = False) -> Drawing:
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
            {"kind": "cell", "layer": layer, "line": line, "share": share, "said": f"{share:z.2f}"}
            for line, share in zip(LINES, shares, strict=True)
        ]
    asked, last = found.settings, layers[-1]
    means, reader = found.cell(last, "means"), found.cell(last, "reader")
    words = (
        f"{asked.network}, {asked.factor}: a reader of {last} names its level in "
        f"{found.readable[last].value:z.2f} of plants (shuffled levels "
        f"{found.readable[last].null:z.2f}). The answer follows it in {found.picture.value:z.2f} "
        f"where the whole picture is the donor's ({found.picture.control} "
        f"{found.picture.null:.2f}), in {means.follows.value:.2f} where {last} gets the direction "
        f"between the means ({means.follows.control} {means.follows.null:z.2f}), and in "
        f"{reader.follows.value:z.2f} along the reader's. n = {found.picture.n}, 1 seed."
    )
    return Drawing(_spec(tuple(layers), dark), pd.DataFrame(rows), words)


@lru_cache(maxsize=16)
def _spec(layers: tuple[str, ...], dark: bool) -> dict[str, Any]:
    theme = "dark" if dark else "light"
    ends = [PAGE[theme], colour("rgb", dark=dark)]
    top = alt.Axis(
        orient="top",
        labelAngle=30,
        labelAlign="right",
        ticks=False,
        domain=False,
        labelOverlap=False,
    )
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
