"""Two encoders, one painter: which factors does the one keep that the other lets go?

    d_f = mean_i (narrow_if(one) - narrow_if(other)),     narrow_if = (V - W_if) / (V - N)

The denoiser is the same network for every encoder, the sources and the noise are the same, and
so is the reader; what differs is what the encoder says. So a dull painter, who makes `narrow` large
whatever the condition is (see `invariances`), makes it large on both sides. Beside the factors:
how much the samples vary at all, and how soon the source is found (MRR) by an encoder that is
neither of the two. Paired permutation tests within plants, corrected over all comparisons.

A difference is one of these two trained networks, of one seed each, as this denoiser understands
them: whether it is of their *kind* needs several seeds of both. An encoder of more numbers a
picture has a larger entrance to the denoiser.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022] (supervised against self-supervised);
spreads: Jansen 1999 [jansen1999]. Lesson: 05_generation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from plantedu.data.renderer.factors import COLUMNS
from plantedu.data.renderer.worlds import draw_factors
from plantedu.models.factor_regressor import FactorReader
from plantedu.serialization import settings_of
from plantedu.statistics.paired_differences import corrected, difference
from plantedu.topics.generation.conditional_samples import (
    ConditionalSampler,
    Draws,
    encoder_named,
)
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.encoder_comparison import EncoderComparisonResult, Settings
from plantedu.topics.generation.retrieval_scores import Judging, judge_of, reciprocal_ranks
from plantedu.topics.generation.variance_components import Ground, ground, read_pairs, withins
from plantedu.topics.generation.verdicts import READABLE
from plantedu.topics.method import Context, Method


def compare_encoders(
    sampler: Draws,
    reader: FactorReader,
    settings: Settings,
    judge: Judging,
    *,
    real: Ground | None = None,
    check: Callable[[], None] = lambda: None,
) -> EncoderComparisonResult:
    """Draw from two encoders' representations of the same plants, and compare.

    Args:
        sampler: Draws the samples.
        reader: Reads the factors.
        settings: How much of what.
        judge: The independent encoder, of the conditioning sensors' pictures.
        real: What the reader says of real pictures, where it is known already.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for a condition that the denoiser does not know.
    """
    sources = sampler.sources(settings.plants)
    disease = torch.from_numpy(draw_factors(sampler.world, sources)["disease"])
    pictures = [
        sampler.draw(one, sources, samples=settings.samples) for one in settings.conditionings
    ]
    spreads = [withins(read_pairs(reader, one), disease) for one in pictures]
    rng = np.random.default_rng(settings.seed)
    how: dict[str, Any] = {"side": pictures[0].shape[-1], "generator": rng, "check": check}
    real = real or ground(reader, sampler.world, sampler.gallery, values=settings.values, **how)
    seen = [c for c in COLUMNS if real.readable(c) >= READABLE]
    pairs = sampler.pairs(sampler.gallery)
    seat = judge_of(settings.independent, judge, pairs)
    rows = sources - sampler.gallery[0]
    world = pairs.var(0).mean()
    found = [reciprocal_ranks(seat, one, rows).mean(1).numpy() for one in pictures]
    varied = [(one.var(1).mean((1, 2, 3)) / world).double().numpy() for one in pictures]
    compared = [
        difference(
            column,
            *(narrow_by_plant(column, spread[column], real) for spread in spreads),
            question=f"Is {column} narrower by {settings.one} than by {settings.other}?",
            seed=settings.seed,
        )
        for column in seen
    ]
    asked = {
        "variance": (varied, "Do the samples of the one vary more than those of the other?"),
        "mrr": (found, "Is the source found sooner from the one than from the other?"),
    }
    compared += [
        difference(name, *two, question=question, seed=settings.seed)
        for name, (two, question) in asked.items()
    ]
    differences = corrected(compared)
    factors = sorted(differences[: len(seen)], key=lambda one: -abs(one.evidence.value))
    names = (settings.conditionings[0].name, settings.conditionings[1].name)
    unread = tuple(c for c in COLUMNS if c not in seen)
    return EncoderComparisonResult(
        settings, names, tuple(factors), differences[len(seen) :], unread
    )


def narrow_by_plant(column: str, spread: np.ndarray, real: Ground) -> np.ndarray:
    """(V - W_i) / (V - N) of each condition."""
    V, N = real.world[column], real.floor[column]
    return (V - spread) / (V - N)


def judge_for(settings: Settings) -> Judging:
    """The independent encoder's h of the conditioning sensors' pictures."""

    def look(x1: Tensor, x2: Tensor) -> Tensor:
        pictures = {"rgb": x1, "rgn": x2}
        h = encoder_named(settings.independent).h
        return torch.cat([h(pictures[sensor]) for sensor in settings.sensors], 1)

    return look


@dataclass(frozen=True)
class Request(Settings):
    """Which factors does one encoder keep that another lets go?

    Attributes:
        denoiser: Its file; what ships by default.
    """

    denoiser: Path | None = None


def _run(asked: Request, context: Context) -> EncoderComparisonResult:
    settings = settings_of(asked, Settings)
    sampler = ConditionalSampler.in_context(context, settings, asked.denoiser)
    return compare_encoders(
        sampler, shipped_reader(), settings, judge_for(settings), check=context.check
    )


def tell(result: EncoderComparisonResult) -> None:
    """Print a result."""
    print(f"\n{result.names[0]} against {result.names[1]}")
    for d in (*result.whole, *result.factors):
        low, high = d.evidence.interval or (0, 0)
        print(
            f"{d.name:18}{d.ends[0]:7.3f}{d.ends[1]:7.3f}  difference {d.evidence.value:+.3f} "
            f"[{low:+.3f}, {high:+.3f}], corrected p {d.corrected:.4f}: {d.verdict}"
        )
    print(f"cannot be read: {', '.join(result.unread)}")
    print(result.whole[0].evidence.caption())


METHOD = Method(Request, _run, tell, here_alone=("denoiser",))
