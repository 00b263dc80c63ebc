"""What a linear probe reads of every factor off what a denoiser is conditioned on, nothing drawn.

    R2_f = 1 - sum |f - W x|^2 / sum |f - mean|^2      on held-out plants, W by ridge regression

x are the numbers that enter the denoiser's slots. What the probe reads is in them, whatever the
denoiser makes of it: a factor with a high R2 that the pictures call free was lost in the drawing.
The other way round a straight line may miss what a denoiser finds (an angle, an amount without a
sign): a low R2 is no verdict.

Source: probes: Alain and Bengio 2017, arXiv:1610.01644 [alain2017]; leave-one-out penalty:
Allen 1974 [allen1974]. Lesson: 05_generation.
"""

from collections.abc import Callable, Iterable

import numpy as np
import torch

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.worlds import draw_factors
from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.ridge_map import Ridge, ridge_at
from plantedu.topics.generation.conditional_samples import Draws
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.variance_components import showing

AT_ONCE = 512  # pairs whose numbers are taken at a time
SHUFFLES, RESAMPLES = 20, 199


def probed(
    sampler: Draws,
    conditioning: Conditioning,
    *,
    plants: int,
    seed: int,
    columns: Iterable[str] = tuple(COLUMNS),
    check: Callable[[], None] = lambda: None,
) -> dict[str, Evidence]:
    """R2 of each factor on the gallery, its null a probe of shuffled labels.

    Args:
        sampler: Has plants, and what the denoiser is conditioned on.
        conditioning: Whose representation of which pictures.
        plants: To learn from: the first that the denoiser was trained on. 32 or more.
        seed: Draws resamples of plants, and shuffles.
        columns: What is read.
        check: Called between factors; may raise to stop.

    Raises:
        PlantEduError: for fewer plants, or a condition that the denoiser does not know.
    """
    require(plants >= 32, f"A probe learns from at least 32 plants; got {plants}.")
    known = sampler.trained[:plants]
    x, x_new = (_numbers(sampler, conditioning, rows, check) for rows in (known, sampler.gallery))
    drawn, drawn_new = (draw_factors(sampler.world, rows) for rows in (known, sampler.gallery))
    shows = [torch.from_numpy(one["disease"]) for one in (drawn, drawn_new)]
    whole, found = None, {}
    for k, column in enumerate(columns):
        check()
        rng = np.random.default_rng((seed, 11, k))
        own, new = (showing(column, one).numpy() for one in shows)
        y, y_new = _target(column, drawn[column][own]), _target(column, drawn_new[column][new])
        if own.all():
            whole = whole or Ridge(x)
        ridge = whole if own.all() and whole is not None else Ridge(x[own])
        found[column] = _scored(column, ridge, (x[own], y), (x_new[new], y_new), rng)
    return found


def _scored(
    column: str,
    ridge: Ridge,
    own: tuple[np.ndarray, np.ndarray],
    new: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> Evidence:
    fitted = ridge.fit(own[1])
    error, total = fitted.errors(*new)
    rows = rng.integers(len(error), size=(RESAMPLES, len(error)))
    low, high = np.quantile(1 - error[rows].sum(1) / total[rows].sum(1), [0.025, 0.975])
    shuffled = []
    for _ in range(SHUFFLES):
        y = own[1][rng.permutation(len(own[1]))]
        said = y.mean(0) + (new[0] - own[0].mean(0)) @ ridge_at(own[0], y, fitted.penalty)
        shuffled.append(1 - np.square(new[1] - said).sum() / total.sum())
    return Evidence(
        question=f"How much of {column} does a linear probe read off the representation?",
        value=float(1 - error.sum() / total.sum()),
        null=float(np.mean(shuffled)),
        control="labels shuffled",
        n=len(error),
        interval=(float(low), float(high)),
        truth=None,
    )


def _numbers(
    sampler: Draws, conditioning: Conditioning, plants: np.ndarray, check: Callable[[], None]
) -> np.ndarray:
    """What enters the denoiser's slots, "plants numbers"."""
    phi, parts = sampler.phi(conditioning), []
    for start in range(0, len(plants), AT_ONCE):
        check()
        pairs = sampler.pairs(plants[start : start + AT_ONCE])
        x1, x2 = ((one * 255).round().to(torch.uint8).numpy() for one in pairs.split(3, 1))
        parts.append(phi(x1, x2).double().numpy())
    return np.concatenate(parts)


def _target(column: str, values: np.ndarray) -> np.ndarray:
    """A factor as numbers, "plants width": a category has one for each level."""
    levels = COLUMNS[column].levels
    y = np.eye(len(levels))[values.astype(int)] if levels else values[:, None]
    return y.astype(np.float64)
