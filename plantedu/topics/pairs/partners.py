"""Do the two pictures belong together, and what gives the partner away?

The RGN pictures of n plants are shuffled. A ruler describes each picture by a few numbers; the
partner guessed for an RGB picture is the RGN picture whose description is nearest. The score is
the share of first guesses that are right:

    brightness   the mean of each band; a linear map from RGB to RGN, fitted on n other plants
    shape        what stands out in a 12 x 12 thumbnail, whatever the brightness and contrast

Two nulls: partners assigned at random, whose expected score is 1/n, and bands shuffled per picture,
which keeps every value and breaks what the bands mean. Where light and soil are shared between
the sensors, brightness alone finds the partner: a shortcut that a network will take as well.

Source: Geirhos et al. 2020, arXiv:2004.07780 [geirhos2020]. Lesson: 01_pairs.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import tyro
from tqdm import tqdm

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import colour
from plantedu.data.renderer.pairs import Pairs, render
from plantedu.data.renderer.worlds import world
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval

RULERS = ("brightness", "shape")
WORLDS = ("field", "shared_light")
THUMB = 12


@dataclass(frozen=True)
class Match:
    """How often one ruler finds the partner in one world; the null has its bands shuffled."""

    world: str
    ruler: str
    evidence: Evidence


@dataclass(frozen=True)
class PartnersResult:
    """Both rulers in every world asked for."""

    matches: tuple[Match, ...]

    def of(self, world: str, ruler: str) -> Evidence:
        """One of the numbers."""
        return next(m.evidence for m in self.matches if (m.world, m.ruler) == (world, ruler))

    @property
    def chance(self) -> float:
        """Expected score of partners assigned at random, 1/n."""
        return 1 / self.matches[0].evidence.n

    def as_json(self) -> dict[str, Any]:
        """Plain values, by world and ruler."""
        found: dict[str, Any] = {"chance": self.chance}
        for match in self.matches:
            found.setdefault(match.world, {})[match.ruler] = match.evidence.as_json()
        return found

    def table(self) -> pd.DataFrame:
        """One row a world and ruler, for reading."""
        return pd.DataFrame([_row(match, self.chance) for match in self.matches])

    def chart(self, *, dark: bool = False) -> Drawing:
        """Share of partners found, with bands shuffled as a grey mark and chance as a line."""
        said = "; ".join(
            f"{m.ruler} in {m.world}: {m.evidence.value:.2f} (bands shuffled {m.evidence.null:.2f})"
            for m in self.matches
        )
        rows = pd.concat(
            [
                self.table().assign(kind="match"),
                pd.DataFrame([{"kind": "chance", "chance": self.chance}]),
            ],
            ignore_index=True,
        )
        words = f"Share of partners found at the first guess; chance {self.chance:.3f}. {said}."
        return Drawing(_spec(dark), rows, words)


def brightness(images: np.ndarray) -> np.ndarray:
    """Mean of each band in [0, 1], "pair 3"."""
    return images.mean((2, 3)) / 255


def shape(images: np.ndarray) -> np.ndarray:
    """Thumbnails of the green band, centred, of unit length, "pair 144"."""
    n, _, size, _ = images.shape
    cells = size // THUMB
    green = images[:, 1, : cells * THUMB, : cells * THUMB].astype(np.float64)
    small = green.reshape(n, THUMB, cells, THUMB, cells).mean((2, 4)).reshape(n, -1)
    small -= small.mean(1, keepdims=True)
    return small / np.linalg.norm(small, axis=1, keepdims=True).clip(1e-9)


def found_share(first: np.ndarray, second: np.ndarray) -> float:
    """Share of rows of `first` whose nearest row of `second` is their own."""
    apart = np.linalg.norm(first[:, None, :] - second[None, :, :], axis=2)
    return float((apart.argmin(1) == np.arange(len(first))).mean())


def linear_map(first: np.ndarray, second: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Least squares from one description to the other, with a constant."""
    ones = np.ones((len(first), 1))
    weights = np.linalg.lstsq(np.hstack([first, ones]), second, rcond=None)[0]
    return lambda rows: np.hstack([rows, np.ones((len(rows), 1))]) @ weights


def band_shuffled(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Every picture with its three bands in an order of its own."""
    orders = generator.permuted(np.tile(np.arange(3), (len(images), 1)), axis=1)
    return np.take_along_axis(images, orders[:, :, None, None], axis=1)


def partners(
    worlds: tuple[str, ...] = WORLDS, *, plants: int = 64, size: int = 48, seed: int = 0
) -> PartnersResult:
    """Score both rulers in each world.

    Args:
        worlds: Names of planted worlds.
        plants: n, how many partners to choose from; as many others fit the linear map.
        size: Pixels a side.
        seed: Draws the shuffled bands.

    Raises:
        PlantEduError: for an unknown world or fewer than 8 plants.
    """
    require(plants >= 8, f"A choice among fewer than 8 partners says little; got {plants}.")
    matches = []
    for name in worlds:
        pairs = render(world(name), np.arange(2 * plants), size=size)
        generator = np.random.default_rng(seed)
        matches += [_match(name, ruler, pairs, generator) for ruler in RULERS]
    return PartnersResult(tuple(matches))


def _match(name: str, ruler: str, pairs: Pairs, generator: np.random.Generator) -> Match:
    """Fit on the second half of the plants, score on the first."""
    n = len(pairs) // 2
    value = _score(ruler, pairs.x1, pairs.x2, n)
    null = _score(ruler, pairs.x1, band_shuffled(pairs.x2, generator), n)
    evidence = Evidence(
        question=f"How often does {ruler} alone find the partner in the world {name}?",
        value=value,
        null=null,
        control="bands shuffled in every RGN picture",
        n=n,
        interval=count_interval(round(value * n), n),
    )
    return Match(name, ruler, evidence)


def _score(ruler: str, x1: np.ndarray, x2: np.ndarray, n: int) -> float:
    if ruler == "shape":
        return found_share(shape(x1[:n]), shape(x2[:n]))
    first, second = brightness(x1), brightness(x2)
    guess = linear_map(first[n:], second[n:])
    return found_share(guess(first[:n]), second[:n])


def _row(match: Match, chance: float) -> dict[str, Any]:
    evidence = match.evidence
    low, high = evidence.interval or (evidence.value, evidence.value)
    return {
        "world": match.world,
        "ruler": match.ruler,
        "found": evidence.value,
        "low": low,
        "high": high,
        "null": evidence.null,
        "chance": chance,
        "n": evidence.n,
    }


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    y = alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=220))
    x = alt.X("found:Q", title="share of partners found", scale=alt.Scale(domain=[0, 1]))
    match = only("match").transform_calculate(label="datum.ruler + ', ' + datum.world")
    paint = {which: colour(which, dark=dark) for which in ("loss", "null", "chance")}
    tooltip = ["label:N", *(alt.Tooltip(f"{c}:Q", format=".3f") for c in ("found", "null"))]
    dots = match.mark_point(filled=True, size=80, opacity=1, color=paint["loss"])
    ranges = match.mark_rule(color=paint["loss"], strokeWidth=1.5)
    nulls = match.mark_tick(color=paint["null"], thickness=3, size=16)
    line = only("chance").mark_rule(color=paint["chance"], strokeDash=[2, 3])
    layers = (
        line.encode(alt.X("chance:Q")),
        ranges.encode(alt.X("low:Q"), alt.X2("high:Q"), y),
        nulls.encode(alt.X("null:Q"), y, tooltip=tooltip),
        dots.encode(x, y, tooltip=tooltip),
    )
    return built(alt.layer(*layers).properties(height=230))


@dataclass(frozen=True)
class Options:
    """Do the two pictures belong together, and what gives the partner away?

    Attributes:
        worlds: Names of planted worlds.
        plants: How many partners to choose from.
        size: Pixels a side.
        seed: Draws the shuffled bands.
        json: Print one JSON object on the last line.
    """

    worlds: tuple[str, ...] = WORLDS
    plants: int = 64
    size: int = 48
    seed: int = 0
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu pairs partners`."""
    options = tyro.cli(Options, args=argv, prog="plantedu pairs partners")
    matches: list[Match] = []
    for name in tqdm(options.worlds, unit="world", desc="matching"):
        found = partners((name,), plants=options.plants, size=options.size, seed=options.seed)
        matches += found.matches
    result = PartnersResult(tuple(matches))
    print(result.table().round(3).to_string(index=False))
    if options.json:
        print(json.dumps({"options": asdict(options)} | result.as_json()))
    return 0
