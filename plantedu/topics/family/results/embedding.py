"""What `family embedding` is asked, what it gives, and its chart.

Lesson: 04_family.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import altair as alt
import pandas as pd

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, colour, colours
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence

SAYS = {
    "trained": "the trained encoder",
    "shuffled": "its columns, each shuffled by itself",
    "random init": "the random-init encoder",
}
Layer = Literal["logits", "h", "z"]
View = Literal["rgb", "rgn", "both"]
SIDE = 15  # pixels of a picture
CLASSES = ("healthy", "blast", "brown")
ARMS = ("trained", "shuffled", "random init")


@dataclass(frozen=True)
class Settings:
    """What is mapped, and how.

    Attributes:
        layer: Features h, embedding z, or the logits of a linear probe for the disease.
        view: From which camera's picture, or from both side by side.
        plants: Held-out plants in the map.
        perplexity: About how many neighbours a plant is tied to; below a third of the plants.
        neighbours: k of the agreement.
        maps: Maps that are made, from seeds seed, seed + 1, ...; the first is drawn.
        seed: Seed of the first map and of the shuffles.
    """

    layer: Layer = "logits"
    view: View = "both"
    plants: int = 200
    perplexity: float = 30.0
    neighbours: int = 10
    maps: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        for name, choices in (("layer", get_args(Layer)), ("view", get_args(View))):
            value = getattr(self, name)
            require(value in choices, f"{name} is one of {', '.join(choices)}; got {value!r}.")
        fits = self.perplexity >= 1 and 3 * self.perplexity < self.plants
        require(
            fits,
            f"perplexity {self.perplexity:g} must be at least 1 and below a third of the plants "
            f"({self.plants}).",
        )
        fits = 1 <= self.neighbours < self.plants
        require(fits, f"neighbours must be from 1 to {self.plants - 1}, got {self.neighbours}.")
        require(1 <= self.maps <= 20, f"maps must be from 1 to 20, got {self.maps}.")


@dataclass(frozen=True)
class Arm:
    """One map and what was counted in it.

    Attributes:
        points: Where each plant stands, "plants 2".
        in_map: Agreement of neighbours in the maps.
        in_features: Agreement of neighbours in what was mapped.
        kept: Share of neighbours that the maps keep.
    """

    points: tuple[tuple[float, float], ...]
    in_map: Evidence
    in_features: Evidence
    kept: Evidence


@dataclass(frozen=True)
class EmbeddingResult:
    """The maps of one checkpoint: which plants, their disease, and the three arms."""

    settings: Settings
    checkpoint: str
    world: str
    world_seed: int
    plants: tuple[int, ...]
    labels: tuple[str, ...]
    arms: Mapping[str, Arm]

    def as_json(self) -> dict[str, Any]:
        """Plain values; `EmbeddingResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "EmbeddingResult":
        """Read a result that a run or a file holds."""
        return cls(
            **{
                **found,
                "settings": Settings(**found["settings"]),
                "plants": tuple(found["plants"]),
                "labels": tuple(found["labels"]),
                "arms": {name: _arm(arm) for name, arm in found["arms"].items()},
            }
        )

    def chart(
        self, arm: str = "trained", *, pictures: Sequence[str] = (), dark: bool = False
    ) -> Drawing:
        """The map of one arm; each plant as its picture where pictures (addresses) are given."""
        shown = self.arms[arm]
        said = (
            f"Map of {len(self.plants)} held-out plants by t-SNE of {SAYS[arm]} "
            f"({self.settings.layer}, perplexity {self.settings.perplexity:g}). "
            f"Of a plant's {self.settings.neighbours} "
            f"nearest in the map, {shown.in_map.value:z.2f} have its disease "
            f"({shown.in_map.control}: {shown.in_map.null:z.2f}); among the features "
            f"{shown.in_features.value:z.2f}. The map keeps {shown.kept.value:z.2f} of the nearest "
            f"(at random: {shown.kept.null:z.2f})."
        )
        return map_chart(
            shown.points, self.labels, self.plants, says=said, pictures=pictures, dark=dark
        )


def _arm(found: Mapping[str, Any]) -> Arm:
    scores = {}
    for name in ("in_map", "in_features", "kept"):
        given = dict(found[name])
        given["interval"] = tuple(given["interval"]) if given["interval"] else None
        scores[name] = Evidence(**given)
    return Arm(tuple((float(x), float(y)) for x, y in found["points"]), **scores)


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
