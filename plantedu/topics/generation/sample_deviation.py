"""Where do samples of one representation differ, and does do() of what it lets go move that place?

    D_i(p)   = standard deviation of pixel p over the samples of plant i, mean over three bands
    T_i(p)^2 = sum_f (1 - pinned_f) mean_j (x_i(p) - x_i(p; do f = f_j))^2 / 2
    agreement_i = Spearman's rho over pixels of D_i and T_i, a camera at a time

D is where the representation is silent, as the denoiser draws it. T is the same said by the
renderer: every factor f that can be read takes the value of another plant j, all else is kept, and
what moves counts by how free f is among the samples (1 - pinned_f, `variance_components.settled`).
Leaves lie in the middle of every picture, so any two such maps agree to some degree: the null is
the agreement of D_i with T of *another* plant, and beside it stands D of a denoiser that is
conditioned on nothing.

Misleads where factors act together: T adds variances as if they did not. What nobody reads, such as
how veins run or where lesions sit, moves samples and not T. And pinned_f comes from
the samples themselves, so the agreement says where they differ, not how much is let go.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]; do(): Pearl 2009 [pearl2009].
Lesson: 05_generation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.stats
from jaxtyping import Float
from torch import Tensor

from plantedu.data.renderer.factors import COLUMNS, SENSORS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.models.factor_regressor import FactorReader
from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.generation.conditional_samples import ConditionalSampler, Draws
from plantedu.topics.generation.interventional_effects import other_plants, redrawn
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.sample_deviation import Camera, DeviationResult, Settings
from plantedu.topics.generation.variance_components import Ground, ground, read_pairs, settled
from plantedu.topics.generation.verdicts import READABLE
from plantedu.topics.method import Context, Method

Maps = Float[np.ndarray, "plants 2 side side"]  # one a camera


def sample_deviation(
    draws: Draws,
    reader: FactorReader,
    settings: Settings,
    *,
    real: Ground | None = None,
    check: Callable[[], None] = lambda: None,
) -> DeviationResult:
    """Compare the samples' deviation with where do() moves the picture.

    Args:
        draws: Draws the samples.
        reader: Reads the factors, for how free each is.
        settings: How much of what.
        real: What the reader says of real pictures, where it is known already.
        check: Called between factors; may raise to stop.

    Raises:
        PlantEduError: for a condition that the denoiser does not know.
    """
    sources = draws.sources(settings.plants)
    samples = draws.draw(settings.conditioning, sources, samples=settings.samples)
    nothing = deviation(draws.free(settings.free)[None])
    rng = np.random.default_rng(settings.seed)
    how: dict[str, Any] = {"side": samples.shape[-1], "generator": rng, "check": check}
    real = real or ground(reader, draws.world, draws.gallery, values=settings.values, **how)
    free = _free(reader, samples, real)
    truth = moved_by(draws.world, sources, free, moves=settings.moves, **how)
    drawn = deviation(samples)
    blank = np.repeat(nothing, len(sources), 0)
    cameras = tuple(
        Camera(
            sensor,
            _agreement(sensor, drawn[:, k], truth[:, k]),
            _agreement(sensor, blank[:, k], truth[:, k]),
            *(255 * float(one[:, k].mean()) for one in (drawn, nothing)),
        )
        for k, sensor in enumerate(SENSORS)
    )
    return DeviationResult(settings, settings.conditioning.name, cameras, free)


def deviation(pictures: Float[Tensor, "plants samples 6 side side"]) -> Maps:
    """D of each plant and camera, of pictures in [0, 1]; unbiased, so two samples or more."""
    bands = pictures.double().std(1, correction=1)
    return bands.unflatten(1, (2, 3)).mean(2).numpy()


def moved_by(
    world: World,
    plants: np.ndarray,
    free: Mapping[str, float],
    *,
    side: int,
    moves: int,
    generator: np.random.Generator,
    check: Callable[[], None] = lambda: None,
) -> Maps:
    """T of each plant and camera.

    Args:
        world: Where the plants are drawn.
        plants: Indices of plants.
        free: How free each factor is, 0 to 1, by column; what is not named counts nothing.
        side: Pixels a side.
        moves: How many other plants give each factor its value.
        generator: Draws which.
        check: Called between factors; may raise to stop.
    """
    drawn = draw_factors(world, plants)
    pairs = render(world, plants, size=side)
    before = _bands(pairs.x1, pairs.x2)
    total = np.zeros((len(plants), 2, side, side))
    for column, weight in free.items():
        for _ in range(moves if weight > 0 else 0):
            check()
            to = other_plants(drawn, column, generator)
            after = _bands(*redrawn(world, plants, column, to, side))
            total += weight * np.square(after - before).mean(2) / (2 * moves)
    return np.sqrt(total)


def agreement(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Spearman's rho over pixels of two maps "plants side side", "plants"; 0 where one is flat."""
    found = np.zeros(len(one))
    for k, (a, b) in enumerate(zip(one, other, strict=True)):
        if np.ptp(a) > 0 and np.ptp(b) > 0:
            found[k] = np.asarray(scipy.stats.spearmanr(a.ravel(), b.ravel()))[0]
    return found


def _agreement(sensor: str, drawn: np.ndarray, truth: np.ndarray) -> Evidence:
    """Agreement with a plant's own map, beside that of the plant before it: sources come in an
    order drawn at random."""
    return mean_over_plants(
        f"Do samples differ where do() of what is let go moves the {sensor} picture?",
        agreement(drawn, truth),
        float(agreement(drawn, np.roll(truth, 1, 0)).mean()),
        "the map of another plant",
        kind="mean",
    )


def _free(reader: FactorReader, samples: Tensor, real: Ground) -> dict[str, float]:
    """Share of the samples' variance that their condition leaves open, by readable column."""
    read = read_pairs(reader, samples)
    known = [name for name in COLUMNS if real.readable(name) >= READABLE]
    return {name: 1 - min(max(settled(read[name]), 0.0), 1.0) for name in known}


def _bands(x1: np.ndarray, x2: np.ndarray) -> Float[np.ndarray, "plants 2 3 side side"]:
    """Both cameras' pictures in [0, 1]."""
    return np.stack([x1, x2], 1).astype(np.float64) / 255


@dataclass(frozen=True)
class Request(Settings):
    """Where do samples of a representation differ?

    Attributes:
        denoiser: Its file; what ships by default.
    """

    denoiser: Path | None = None


def _run(asked: Request, context: Context) -> DeviationResult:
    settings = settings_of(asked, Settings)
    draws = ConditionalSampler.in_context(context, settings, asked.denoiser)
    return sample_deviation(draws, shipped_reader(), settings, check=context.check)


def tell(result: DeviationResult) -> None:
    """Print a result."""
    print(f"\nConditioned on {result.condition}")
    for one in result.cameras:
        low, high = one.agreement.interval or (0, 0)
        print(
            f"{one.sensor}: Spearman {one.agreement.value:.2f} [{low:.2f}, {high:.2f}], another "
            f"plant's map {one.agreement.null:.2f}; conditioned on nothing "
            f"{one.nothing.value:.2f}; deviation {one.mean:.1f}/255, conditioned on nothing "
            f"{one.unconditioned:.1f}"
        )


METHOD = Method(Request, _run, tell)
