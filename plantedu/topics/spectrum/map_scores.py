"""A fitted map between the sensors beside its controls, each as a number with its null.

S and R2 always travel together: a control that leaves the one alone may destroy the other.

Lesson: 07_spectrum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plantedu.statistics.evidence import Evidence
from plantedu.statistics.ridge_map import Ridge, RidgeMap
from plantedu.topics.spectrum.nulls import Draws, circular_sd, p_value
from plantedu.topics.spectrum.pairing import check_pairs
from plantedu.topics.spectrum.resampling import around, draws_of, ratio_interval, resampled_scores
from plantedu.topics.spectrum.results.eigenvalues import RANDOM, Null, SpectrumSummary
from plantedu.topics.spectrum.score import read

FEW = 4  # one direction in so many that counts is few
Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A layer's map from sensor 1 to sensor 2.

    Attributes:
        train: Features of X1 and of X2, training plants.
        held_out: The same of held-out plants.
        ridge: X1 of the training plants, taken apart.
        found: The map.
        score: Its S.
        r2: Its R2 on the held-out plants.
    """

    train: Pair
    held_out: Pair
    ridge: Ridge
    found: RidgeMap
    score: float
    r2: float


def fitted(
    train: Pair, held_out: Pair, plants: tuple[Sequence[object], Sequence[object]] | None = None
) -> Fitted:
    """Fit the map on training plants, and score it on held-out ones.

    Args:
        train: Features of X1 and of X2, "plants dim" each.
        held_out: The same of other plants.
        plants: Ids of the training plants in either set; None where rows are known to correspond.

    Raises:
        PlantEduError: for features that are no pairs, constant, or not finite.
    """
    train, held_out = check_pairs(*train, plants=plants), check_pairs(*held_out)
    ridge = Ridge(train[0])
    found = ridge.fit(train[1])
    score = read(found.matrix).score
    return Fitted(train, held_out, ridge, found, score, found.r2(*held_out))


def nulls_of(
    own: Fitted, others: Sequence[Fitted], pixels: Fitted, shuffles: Draws, turned: Draws
) -> tuple[Null, ...]:
    """Every control, shuffled pairs first.

    Args:
        own: The map.
        others: Maps of random-init encoders.
        pixels: The map of pixel means.
        shuffles: Maps of shuffled pairs.
        turned: Maps to a target turned at random.
    """
    sd = 1.96 * circular_sd(len(own.found.matrix))
    scores = [one.score for one in others]
    return (
        Null(
            "shuffled pairs",
            *_range(shuffles.scores),
            float(shuffles.r2.mean()),
            len(shuffles.scores),
            p_value(own.score, shuffles.scores),
            p_value(own.r2, shuffles.r2),
        ),
        Null("random rotation", *_range(turned.scores), float(turned.r2.mean()), len(turned.r2)),
        Null(
            RANDOM,
            float(np.mean(scores)),
            min(scores),
            max(scores),
            float(np.mean([one.r2 for one in others])),
            len(others),
        ),
        Null("pixel means", pixels.score, pixels.score, pixels.score, pixels.r2, 1),
        Null("circular law", 0.0, -sd, sd, None, 0),
    )


def _range(scores: np.ndarray) -> tuple[float, float, float]:
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(scores.mean()), float(low), float(high)


def scores_of(
    own: Fitted, others: Sequence[Fitted], *, resamples: int, generator: np.random.Generator
) -> tuple[Evidence, Evidence]:
    """S, and its excess over random-init encoders, on the same resamples of pairs.

    Args:
        own: The map.
        others: Maps of random-init encoders, at least two.
        resamples: How many.
        generator: Draws them.
    """
    n = len(own.train[0])
    draws = draws_of(n, resamples, generator)
    scores = [resampled_scores(one.train, one.found.penalty, draws) for one in (own, *others)]
    null = float(np.mean([one.score for one in others]))
    excess = own.score - null
    shared = {"n": n, "seeds": 1}
    return (
        Evidence(
            question="Does the map from X1 to X2 keep every direction in its place (S)?",
            value=own.score,
            null=null,
            control=f"{len(others)} random-init encoders",
            interval=around(own.score, scores[0]),
            **shared,
        ),
        Evidence(
            question="By how much does S exceed that of random-init encoders?",
            value=excess,
            null=others[0].score - others[1].score,
            control="one random-init encoder less another",
            interval=around(excess, scores[0] - np.mean(scores[1:], axis=0)),
            **shared,
        ),
    )


def r2_of(own: Fitted, others: Sequence[Fitted], *, generator: np.random.Generator) -> Evidence:
    """R2 on held-out plants beside that of random-init encoders; arguments as in `scores_of`."""
    error, total = own.found.errors(*own.held_out)
    return Evidence(
        question="Which share of X2's variance does the map predict, on held-out plants (R2)?",
        value=own.r2,
        null=float(np.mean([one.r2 for one in others])),
        control=f"{len(others)} random-init encoders",
        n=len(error),
        interval=ratio_interval(error, total, generator=generator),
    )


def warnings_of(own: Fitted, mind: SpectrumSummary, *, width: int, kept: float) -> tuple[str, ...]:
    """What a reader should mind.

    Args:
        own: The map.
        mind: Its eigenvalues in numbers.
        width: Dimensions of the whole layer.
        kept: Share of its variance that the map's directions hold.
    """
    warnings = [own.found.says] if own.found.says else []
    if kept < 0.999:
        warnings.append(
            f"The layer is {width} wide; the map is of its leading "
            f"{len(own.found.matrix)} directions, which hold {kept:.1%} of the variance."
        )
    if mind.departure > 0.5:
        warnings.append(
            f"The map is far from normal (departure {mind.departure:.2f}): single eigenvalues are "
            "unsteady, and singular values are larger than |lambda|."
        )
    squares = own.ridge.parts.squares
    few = float(squares.sum() ** 2 / squares.square().sum())
    if few < len(own.found.matrix) / FEW:
        warnings.append(
            f"Few of the {len(own.found.matrix)} directions carry the variance (participation "
            f"ratio {few:.1f}). In such layers planted turns are called mixed or partly copies, "
            "and a turn by 30 degrees may be called a copy: S says forward or backward, not how "
            "far (python -m plantedu spectrum planted-heads --layer z)."
        )
    if own.r2 < 0.1:
        warnings.append(f"R2 is {own.r2:.2f}: S describes a map that carries next to nothing.")
    return tuple(warnings)
