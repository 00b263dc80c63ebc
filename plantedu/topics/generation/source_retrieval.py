"""Do pictures drawn from a representation lead back to their source?

    MRR = mean_is 1 / rank_is,     rank of the source among 1,024 held-out plants by cosine
    chance: MRR = H_n / n, mean rank (n + 1) / 2

Scored by the encoder that the denoiser was conditioned on and by one that it has never seen: the
first can be pleased by what only it sees. Beside it stand pictures drawn from nothing, and the
*nearest plant of the training set* in the representation's own eyes: a denoiser that looks its
answer up would do as well as that and no better. A copying denoiser would also stand nearer to its
training plants than real held-out plants do. KID compares the pictures with real ones at large; and
fewer steps of the sampler cost faithfulness, which is measured, on the same noise.

MRR falls with the size of the gallery: say n beside it. Faithful to the source is not the same as
real: look at KID and at the pictures.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]; KID: Binkowski et al. 2018,
arXiv:1801.01401 [binkowski2018]. Lesson: 05_generation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.retrieval import chance_mrr
from plantedu.topics.generation.conditional_samples import (
    ConditionalSampler,
    Draws,
    encoder_named,
)
from plantedu.topics.generation.results.source_retrieval import (
    FaithfulResult,
    Rung,
    Settings,
)
from plantedu.topics.generation.retrieval_scores import (
    Judge,
    Judging,
    judge_of,
    kid_evidence,
    mean_evidence,
    nearest,
    ranks,
    score,
)
from plantedu.topics.method import Context, Method

AT_ONCE = 512  # plants whose pictures are looked at in one go
LADDER = (
    ("euler", 4),
    ("euler", 8),
    ("euler", 16),
    ("euler", 50),
    ("shifted", 8),
    ("unipc", 8),
    ("heun", 8),
)


def faithful(
    sampler: Draws, settings: Settings, judges: Mapping[str, Judging], *, learnt: np.ndarray
) -> FaithfulResult:
    """Measure how faithful samples are.

    Args:
        sampler: Draws the samples.
        settings: How much of what.
        judges: Encoders by name, the conditioning one first, the independent one last.
        learnt: Plants that the denoiser was trained on.

    Raises:
        PlantEduError: for a condition that the denoiser does not know.
    """
    conditioning, sources = settings.conditioning, sampler.sources(settings.plants)
    samples = sampler.draw(conditioning, sources, samples=settings.samples)
    free = sampler.free(settings.single)
    real = sampler.pairs(sampler.gallery)
    seats = [judge_of(name, look, real) for name, look in judges.items()]
    rows = sources - sampler.gallery[0]
    known = [_features(sampler, seat, learnt) for seat in seats]
    _, which = nearest(seats[0].gallery[rows], known[0])
    remembered = sampler.pairs(learnt[which.numpy()])[:, None]
    scores = tuple(
        score(j, samples, free, remembered, k, rows) for j, k in zip(seats, known, strict=True)
    )
    return FaithfulResult(
        settings,
        conditioning.name,
        len(real),
        scores,
        _kids(sampler, settings, seats[-1], free),
        _ladder(sampler, settings, seats[-1]),
    )


def _features(sampler: Draws, judge: Judge, plants: np.ndarray) -> Tensor:
    """A judge's features of many plants, whose pictures are never held all at once."""
    parts = np.split(plants, range(AT_ONCE, len(plants), AT_ONCE))
    return torch.cat([judge.of(sampler.pairs(part)) for part in parts])


def _kids(sampler: Draws, settings: Settings, judge: Judge, free: Tensor) -> dict[str, Evidence]:
    """KID of one picture for each of many representations, and of pictures from nothing."""
    sources = sampler.sources(settings.single)
    conditional = sampler.draw(settings.conditioning, sources, samples=1)[:, 0]
    others = np.setdiff1d(np.arange(len(judge.raw)), sources - sampler.gallery[0])
    rng = np.random.default_rng(settings.seed)
    # the names of recorded results
    sets = {"told": (conditional, judge.gallery[others]), "nothing": (free, judge.gallery)}
    return {
        name: kid_evidence(
            judge.of(pictures)[: len(real) // 2],
            real,
            question=f"How far are pictures drawn from {name} from real ones, by {judge.name}?",
            rng=rng,
        )
        for name, (pictures, real) in sets.items()
    }


def _ladder(sampler: Draws, settings: Settings, judge: Judge) -> tuple[Rung, ...]:
    """The same conditions and noise with other samplers and steps."""
    if not settings.ladder_plants:
        return ()
    sources = sampler.sources(settings.ladder_plants)
    found = []
    for solver, steps in LADDER:
        again = sampler.again(sampler=solver, steps=steps)
        samples = again.draw(settings.conditioning, sources, samples=4)
        reciprocal = 1 / ranks(judge, samples, sources - sampler.gallery[0])
        mrr = mean_evidence(
            reciprocal.mean(1).numpy(),
            null=chance_mrr(len(judge.raw)),
            control=f"order at random among {len(judge.raw)}",
            question=f"How faithful are {steps} steps of {solver}?",
            kind="share",
        )
        found.append(Rung(solver, steps, mrr))
    return tuple(found)


def judges_of(settings: Settings) -> dict[str, Judging]:
    """The conditioning encoder and the independent one, looking at the same sensors' pictures."""

    def looking(name: str, layer: str) -> Judging:
        def look(x1: Tensor, x2: Tensor) -> Tensor:
            pictures = {"rgb": x1, "rgn": x2}
            seen = (pictures[sensor] for sensor in settings.sensors)
            return torch.cat([encoder_named(name).of(x, layer) for x in seen], 1)

        return look

    return {
        settings.encoder: looking(settings.encoder, settings.layer),
        settings.independent: looking(settings.independent, "h"),
    }


def learnt_plants(sampler: Draws, settings: Settings) -> np.ndarray:
    """Plants that the denoiser was trained on, all or the first of them."""
    return sampler.trained[: settings.trained or None]


@dataclass(frozen=True)
class Request(Settings):
    """Do pictures drawn from a representation lead back to their source?

    Attributes:
        denoiser: Its file; what ships by default.
    """

    denoiser: Path | None = None


def _run(asked: Request, context: Context) -> FaithfulResult:
    settings = settings_of(asked, Settings)
    sampler = ConditionalSampler.in_context(context, settings, asked.denoiser)
    return faithful(sampler, settings, judges_of(settings), learnt=learnt_plants(sampler, settings))


def tell(result: FaithfulResult) -> None:
    """Print a result."""
    print(f"\nConditioned on {result.condition}; the source among {result.gallery} held-out plants")
    for s in result.scores:
        low, high = s.mrr.interval or (0, 0)
        print(
            f"{s.judge:18} MRR {s.mrr.value:.3f} [{low:.3f}, {high:.3f}], "
            f"{s.mrr.value / s.mrr.null:.0f} times chance {s.mrr.null:.4f}; mean rank "
            f"{s.mean_rank.value:.0f} (chance {s.mean_rank.null:.0f}); drawn from nothing "
            f"{s.nothing:.4f}; nearest training plant {s.remembered.value:.3f}; distance to the "
            f"nearest training plant {s.copies.value:.3f} (real plants {s.copies.null:.3f})"
        )
    for name, one in result.kid.items():
        print(f"KID, drawn from {name:8} {one.value:.4f} (real against real {one.null:.4f})")
    for rung in result.ladder:
        print(f"{rung.sampler:8}{rung.steps:4} steps: MRR {rung.mrr.value:.3f}")
    print(result.scores[0].mrr.caption())


METHOD = Method(Request, _run, tell, here_alone=("denoiser",))
