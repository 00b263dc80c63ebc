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

from collections.abc import Callable, Mapping

import numpy as np

from plantedu.data.renderer.pairs import Pairs, render
from plantedu.data.renderer.worlds import world
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.method import Context, Method
from plantedu.topics.pairs.results.channels import ChannelsResult, Fed, Settings

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


FEEDS: Mapping[str, Pipe] = {"published": published, "cross": cross}


def cropped(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A window of three quarters of each picture's side, at a place of its own."""
    n, _, size, _ = images.shape
    side = 3 * size // 4
    corners = generator.integers(0, size - side + 1, size=(n, 2))
    windows = [
        image[:, y : y + side, x : x + side] for image, (y, x) in zip(images, corners, strict=True)
    ]
    return np.stack(windows)


def channels(settings: Settings, context: Context | None = None) -> ChannelsResult:
    """Send plants through every pipe and take the mean of what comes out.

    Args:
        settings: Which plants.
        context: Hears of each pipe that is done; may stop.

    Raises:
        PlantEduError: for sensors whose means do not differ.
    """
    context = context or Context()
    place = world(settings.world, settings.world_seed)
    pairs = render(place, np.arange(settings.plants), size=settings.size)
    found = []
    for pipe in FEEDS:
        context.check()
        found.append(feed(pairs, pipe, seed=settings.seed))
        context.step(len(found), len(FEEDS))
    return ChannelsResult(settings, tuple(found))


def feed(pairs: Pairs, pipe: str, *, seed: int = 0) -> Fed:
    """Send pairs through one pipe.

    Args:
        pairs: Plants.
        pipe: Name of one of `FEEDS`.
        seed: Draws the windows.

    Raises:
        PlantEduError: for an unknown pipe, or sensors whose means do not differ.
    """
    require(pipe in FEEDS, f"No pipe is called {pipe!r}; there are {', '.join(FEEDS)}.")
    views = FEEDS[pipe](pairs.x1, pairs.x2, np.random.default_rng(seed))
    fed = np.stack([view[:, BAND].mean((1, 2)) for view in views])
    low, high = float(pairs.x1[:, BAND].mean()), float(pairs.x2[:, BAND].mean())
    require(abs(high - low) > 1, "The sensors' means are alike here, so they tell nothing.")
    first, second = (fed - low) / (high - low)
    evidence = Evidence(
        question="Does the second view come from X1 (0) or from X2 (1)?",
        value=float(second.mean()),
        null=float(first.mean()),
        control="the first view, which comes from X1",
        n=len(pairs),
        interval=mean_interval(second),
        truth=float(pipe == "cross"),
    )
    each = tuple(fed[0].tolist()), tuple(fed[1].tolist())
    return Fed(pipe, evidence, each, (low, high))


def tell(result: ChannelsResult) -> None:
    """Print a result."""
    for one in result.pipes:
        seen = "X1 and X2" if one.second_sensor_seen else "X1 alone"
        said = f"p = {one.evidence.value:.2f} beside {one.evidence.null:.2f}"
        print(f"{one.pipe:<10} the encoder sees {seen}: {said} ({one.evidence.caption()})")


METHOD = Method(Settings, channels, tell)
