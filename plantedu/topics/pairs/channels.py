"""Which camera did the encoder see? One line tells: the mean of what it was fed.

Two pipes make two views of every plant. `published` does what the published pretraining code did:
both views are crops of X1, while X2 is handed on as a label and then overwritten. `cross` takes
the first view from X1 and the second from X2. Where a view comes from shows in its mean m:

    p = (m - m_1) / (m_2 - m_1)      0: it comes from X1,  1: it comes from X2

with m_1 and m_2 the means of the two sensors' pictures. The third band is looked at: blue in RGB,
near infrared in RGN, where a leaf is bright. The null is the first view, which comes from X1 in
both pipes. Means tell the sensors apart only where they differ (m_1 != m_2).

Source: the public notebook and library that the course grew from, read and run [muhia2022].
Lesson: 01_pairs.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import tyro
from tqdm import tqdm

from plantedu.charts.chart import Drawing, built, only
from plantedu.charts.palette import NAMES, colours
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, world
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval

BAND = 2  # blue in RGB, near infrared in RGN
Views = tuple[np.ndarray, np.ndarray]
Pipe = Callable[[np.ndarray, np.ndarray, np.random.Generator], Views]


def published(x1: np.ndarray, x2: np.ndarray, generator: np.random.Generator) -> Views:
    """Two crops of X1; X2 goes along as a label, which the training then overwrites."""
    inputs, _labels = (x1,), (x2,)
    return cropped(inputs[0], generator), cropped(inputs[0], generator)


def cross(x1: np.ndarray, x2: np.ndarray, generator: np.random.Generator) -> Views:
    """One crop of X1, one of X2."""
    return cropped(x1, generator), cropped(x2, generator)


PIPES: Mapping[str, Pipe] = {"published": published, "cross": cross}


def cropped(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A window of three quarters of each picture's side, at a place of its own."""
    n, _, size, _ = images.shape
    side = 3 * size // 4
    corners = generator.integers(0, size - side + 1, size=(n, 2))
    windows = [
        image[:, y : y + side, x : x + side] for image, (y, x) in zip(images, corners, strict=True)
    ]
    return np.stack(windows)


@dataclass(frozen=True, eq=False)
class PipeResult:
    """What one pipe feeds.

    Attributes:
        evidence: p of the second view; its null is p of the first.
        fed: Mean of the third band of each plant's first and second view, "2 plant", 0..255.
        means: m_1 and m_2.
    """

    pipe: str
    evidence: Evidence
    fed: np.ndarray
    means: tuple[float, float]

    @property
    def second_sensor_seen(self) -> bool:
        """Whether the second view lies nearer to X2 than to X1."""
        return self.evidence.value > 0.5

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"pipe": self.pipe, "means": list(self.means)} | self.evidence.as_json()

    def chart(self, *, dark: bool = False) -> Drawing:
        """Mean fed by each view, between the means of the two sensors' pictures."""
        views = pd.DataFrame(
            {
                "kind": "fed",
                "view": np.repeat(["first view", "second view"], self.fed.shape[1]),
                "fed": self.fed.ravel(),
            }
        )
        lines = pd.DataFrame(
            {"kind": "mean", "sensor": [NAMES["rgb"], NAMES["rgn"]], "fed": self.means}
        )
        first, second = self.fed.mean(1)
        words = (
            f"Mean of the third band fed by the pipe {self.pipe}: first view {first:.0f}, "
            f"second view {second:.0f}; "
            f"RGB pictures have {self.means[0]:.0f} and RGN pictures {self.means[1]:.0f} of 255."
        )
        return Drawing(_spec(dark), pd.concat([views, lines], ignore_index=True), words)


def feed(world: World, pipe: str, *, plants: int = 64, size: int = 48, seed: int = 0) -> PipeResult:
    """Send plants through a pipe and take the mean of what comes out.

    Args:
        world: Where the plants are drawn.
        pipe: Name of one of `PIPES`.
        plants: How many.
        size: Pixels a side.
        seed: Draws the windows and the bootstrap resamples.

    Raises:
        PlantEduError: for an unknown pipe, or sensors whose means do not differ.
    """
    require(pipe in PIPES, f"No pipe is called {pipe!r}; there are {', '.join(PIPES)}.")
    pairs = render(world, np.arange(plants), size=size)
    generator = np.random.default_rng(seed)
    views = PIPES[pipe](pairs.x1, pairs.x2, generator)
    fed = np.stack([view[:, BAND].mean((1, 2)) for view in views])
    low, high = float(pairs.x1[:, BAND].mean()), float(pairs.x2[:, BAND].mean())
    require(abs(high - low) > 1, "The sensors' means are alike here, so they tell nothing.")
    first, second = (fed - low) / (high - low)
    evidence = Evidence(
        question="Does the second view come from X1 (0) or from X2 (1)?",
        value=float(second.mean()),
        null=float(first.mean()),
        control="the first view, which comes from X1",
        n=plants,
        interval=mean_interval(second),
        truth=float(pipe == "cross"),
    )
    return PipeResult(pipe, evidence, fed, (low, high))


@lru_cache(maxsize=2)
def _spec(dark: bool) -> dict[str, Any]:
    names = [NAMES["rgb"], NAMES["rgn"]]
    paint = alt.Scale(domain=names, range=colours("rgb", "rgn", dark=dark))
    x = alt.X("fed:Q", title="mean of the third band, 0 to 255", scale=alt.Scale(domain=[0, 255]))
    y = alt.Y("view:N", title=None, sort=["first view", "second view"])
    (dot,) = colours("loss", dark=dark)
    ticks = only("fed").mark_tick(color=dot, opacity=0.45, size=26).encode(x, y)
    means = only("mean").mark_rule(strokeWidth=2.5)
    legend = alt.Legend(orient="top", title="mean of all pictures of")
    means = means.encode(x, alt.Color("sensor:N", scale=paint, legend=legend))
    return built(alt.layer(ticks, means).properties(height=200))


@dataclass(frozen=True)
class Options:
    """Which camera did the encoder see?

    Attributes:
        world: Name of the planted world.
        world_seed: Its seed.
        plants: How many plants.
        size: Pixels a side.
        seed: Draws the windows.
        json: Print one JSON object on the last line.
    """

    world: str = "field"
    world_seed: int = 0
    plants: int = 64
    size: int = 48
    seed: int = 0
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu pairs channels`."""
    options = tyro.cli(Options, args=argv, prog="plantedu pairs channels")
    place = world(options.world, options.world_seed)
    knobs = {"plants": options.plants, "size": options.size, "seed": options.seed}
    found = [feed(place, name, **knobs) for name in tqdm(PIPES, unit="pipe", desc="feeding")]
    for result in found:
        seen = "X1 and X2" if result.second_sensor_seen else "X1 alone"
        said = f"p = {result.evidence.value:.2f} beside {result.evidence.null:.2f}"
        print(f"{result.pipe:<10} the encoder sees {seen}: {said} ({result.evidence.caption()})")
    if options.json:
        print(json.dumps({"options": asdict(options)} | {r.pipe: r.as_json() for r in found}))
    return 0
