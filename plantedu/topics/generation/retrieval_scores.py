"""How near samples come to their source, to plants that were learnt from, and to plants at large.

    rank_is = place of source i among the gallery by cosine with sample s,     RR = 1 / rank
    near_is = distance of sample s to the nearest plant that the denoiser was trained on

Features are in units of the gallery's spread, from its mean: raw features of a network that ends in
a rectifier all point the same way.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022] (ranks of the source); KID: Binkowski et
al. 2018, arXiv:1801.01401 [binkowski2018]. Lesson: 05_generation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import Kind, plants_interval
from plantedu.statistics.kid import kid, standardised
from plantedu.statistics.retrieval import chance_mrr, ranks_among, reciprocal_ranks_among
from plantedu.topics.generation.results.source_retrieval import Score

Judging = Callable[[Tensor, Tensor], Tensor]  # X1 and X2 in [0, 1] -> "n dim"


@dataclass(frozen=True, eq=False)
class Judge:
    """An encoder that looks at pictures of the gallery's plants and of samples.

    Attributes:
        name: Of the encoder.
        look: What it says of pairs.
        raw: What it says of the gallery, "plants dim".
    """

    name: str
    look: Judging
    raw: Tensor

    @property
    def gallery(self) -> Tensor:
        """The gallery's features in units of its spread."""
        return standardised(self.raw, self.raw)

    def of(self, pairs: Tensor) -> Tensor:
        """Features of pairs "n 6 side side" in the same units."""
        return standardised(self.look(pairs[:, :3], pairs[:, 3:]), self.raw)


def judge_of(name: str, look: Judging, real: Tensor) -> Judge:
    """A judge who has looked at the gallery, "plants 6 side side"."""
    return Judge(name, look, look(real[:, :3], real[:, 3:]))


def ranks(judge: Judge, samples: Tensor, own: np.ndarray) -> Tensor:
    """Rank of each sample's source, "plants samples".

    Args:
        judge: Who compares.
        samples: "plants samples 6 side side".
        own: Row of each source in the gallery.
    """
    found = ranks_among(*_asked(judge, samples, own))
    return found.view(len(own), -1)


def reciprocal_ranks(judge: Judge, samples: Tensor, own: np.ndarray) -> Tensor:
    """1 / rank of each sample's source, "plants samples"; the mean over ties broken at random.

    Args:
        judge: Who compares.
        samples: "plants samples 6 side side".
        own: Row of each source in the gallery.
    """
    found = reciprocal_ranks_among(*_asked(judge, samples, own))
    return found.view(len(own), -1)


def _asked(judge: Judge, samples: Tensor, own: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, gallery, and each query's place in it."""
    require(len(samples) == len(own), f"{len(samples)} conditions need as many sources.")
    rows = torch.from_numpy(np.repeat(own, samples.shape[1]))
    return judge.of(samples.flatten(0, 1)), judge.gallery, rows


def nearest(queries: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Cosine distance of each query to the nearest of the others, and which that is."""
    near = F.normalize(queries, dim=1) @ F.normalize(others, dim=1).T
    best, which = near.max(1)
    return 1 - best, which


def kid_evidence(
    fake: Tensor, real: Tensor, *, question: str, rng: np.random.Generator, subsets: int = 40
) -> Evidence:
    """KID of two sets of features; null: as many real pictures against the other real ones.

    The interval is of subsamples of half the pictures, scaled to the whole.

    Args:
        fake, real: Features in the same units, more real than fake ones.
        question: What it answers.
        rng: Draws the subsamples.
        subsets: How many.
    """
    n = len(fake)
    require(len(real) >= 2 * n >= 8, f"KID's null needs twice as many real ones; got {len(real)}.")
    still, halves = [], []
    for _ in range(subsets):
        order = torch.from_numpy(rng.permutation(len(real)))
        still.append(kid(real[order[:n]], real[order[n:]]))
        half = torch.from_numpy(rng.permutation(n)[: n // 2])
        halves.append(kid(fake[half], real[order[: len(real) // 2]]))
    value, error = kid(fake, real), float(np.std(halves)) / 2**0.5
    ends = (value - 1.96 * error, value + 1.96 * error)
    return Evidence(
        question=question,
        value=value,
        null=float(np.mean(still)),
        control="real pictures against real ones",
        n=n,
        interval=ends,
    )


def mean_evidence(
    per_plant: np.ndarray,
    *,
    null: float,
    control: str,
    question: str,
    kind: Kind = "mean",
) -> Evidence:
    """A mean over plants with the interval of its kind."""
    interval = plants_interval(per_plant, kind=kind)
    value = float(np.mean(per_plant))
    return Evidence(
        question=question,
        value=value,
        null=null,
        control=control,
        n=len(per_plant),
        interval=interval,
    )


def score(
    judge: Judge,
    samples: Tensor,
    free: Tensor,
    remembered: Tensor,
    known: Tensor,
    rows: np.ndarray,
) -> Score:
    """What one judge says of samples, of pictures from nothing, and of remembered plants.

    Args:
        judge: Who compares.
        samples: "plants samples 6 side side".
        free: Pictures drawn from nothing, "n 6 side side".
        remembered: The nearest training plant of each source, "plants 1 6 side side".
        known: The judge's features of plants that the denoiser was trained on, "n dim".
        rows: Row of each source in the gallery.
    """
    n = len(judge.raw)
    found = ranks(judge, samples, rows)
    many = len(rows) * (len(free) // len(rows)) or len(free)
    lost = free[:many].unflatten(0, (len(rows), -1)) if many >= len(rows) else free[:, None]
    at_random = reciprocal_ranks(judge, lost, rows[: len(lost)])
    near = nearest(judge.of(samples.flatten(0, 1)), known)[0].view(len(rows), -1).mean(1)
    lot = {"null": chance_mrr(n), "control": f"order at random among {n}", "kind": "share"}
    name = judge.name
    return Score(
        name,
        mean_evidence(
            reciprocal_ranks(judge, samples, rows).mean(1).numpy(),
            question=f"How soon does {name} find the source?",
            **lot,
        ),
        mean_evidence(
            found.mean(1).numpy(),
            null=(n + 1) / 2,
            control=f"order at random among {n}",
            question=f"At which rank does {name} find the source?",
        ),
        float(at_random.mean()),
        mean_evidence(
            reciprocal_ranks(judge, remembered, rows)[:, 0].numpy(),
            question=f"How soon does {name} find the source from the nearest training plant?",
            **lot,
        ),
        mean_evidence(
            near.double().numpy(),
            null=float(nearest(judge.gallery, known)[0].mean()),
            control="real held-out plants",
            question=f"How far is a sample from the nearest training plant, says {name}?",
        ),
    )
