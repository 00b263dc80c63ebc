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

from collections.abc import Callable

import numpy as np

from plantedu.data.renderer.pairs import Pairs, render
from plantedu.data.renderer.worlds import world
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.topics.method import Context, Method
from plantedu.topics.pairs.results.partners import RULERS, Match, PartnersResult, Settings

THUMB = 12


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


def partners(settings: Settings, context: Context | None = None) -> PartnersResult:
    """Score both rulers in each world.

    Args:
        settings: Which worlds, and how many plants.
        context: Hears of each world that is done; may stop.
    """
    context = context or Context()
    matches = []
    for done, name in enumerate(settings.worlds, 1):
        context.check()
        pairs = render(world(name), np.arange(2 * settings.plants), size=settings.size)
        generator = np.random.default_rng(settings.seed)
        matches += [_match(name, ruler, pairs, generator) for ruler in RULERS]
        context.step(done, len(settings.worlds))
    return PartnersResult(settings, tuple(matches))


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


def tell(result: PartnersResult) -> None:
    """Print a result."""
    print(result.table().round(3).to_string(index=False))


METHOD = Method(Settings, partners, tell)
