"""A linear reader: fresh weights, a few full-batch steps, scored on plants it has not seen.

    category   p = softmax(h W),  score = accuracy
    number     y = h W,           score = R2 = 1 - sum (y - y*)^2 / sum (y* - mean y*)^2

from W ~ N(0, 0.01^2). The same reader on shuffled labels is the null. What a linear reader finds
is *there*; it does not follow that the network uses it.

Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]; shuffled labels in the spirit of Hewitt
& Liang 2019, arXiv:1909.03368 [hewitt2019]. Lesson: 02_training.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.training.fit import Measure
from plantedu.training.randomness import generator_for


@dataclass(frozen=True)
class Target:
    """What one probe reads, "plants": `classes` 0 is a number, else codes 0..classes-1.

    `shows` says in which training and held-out plants the factor shows at all (a healthy leaf has
    no lesions to count); None is all of them. Only those are trained and scored on.
    """

    name: str
    view: str
    classes: int
    train: Tensor
    held_out: Tensor
    shows: tuple[Tensor, Tensor] | None = None

    @cached_property
    def masks(self) -> tuple[Tensor, Tensor]:
        """Training and held-out plants that count, bool."""
        everywhere = (torch.ones(len(self.train)).bool(), torch.ones(len(self.held_out)).bool())
        return everywhere if self.shows is None else self.shows

    @cached_property
    def chance(self) -> float:
        """Score of the best constant answer: the majority class's share, or R2 = 0."""
        if not self.classes:
            return 0.0
        majority = torch.bincount(self.train[self.masks[0]], minlength=self.classes).argmax()
        return float((self.held_out[self.masks[1]] == majority).double().mean())

    @cached_property
    def spread(self) -> tuple[float, float]:
        """Mean and standard deviation of a number over the training plants."""
        values = self.train[self.masks[0]].double()
        return float(values.mean()), max(float(values.std()), 1e-9)

    @cached_property
    def wanted(self) -> Tensor:
        """Training target as columns: one-hot classes, or the standardised number."""
        if self.classes:
            return F.one_hot(self.train, self.classes).float()
        mean, std = self.spread
        return ((self.train.double() - mean) / std).float()[:, None]

    def per_plant(self, answers: Tensor) -> Tensor:
        """What each held-out plant adds to the score of "plants columns" answers; mean = score.

        Right or wrong for a category; 1 - (y - y*)^2 / variance of y* for a number.
        """
        answers, truth = answers[self.masks[1]], self.held_out[self.masks[1]]
        if self.classes:
            return (answers.argmax(1) == truth).double()
        mean, std = self.spread
        error = (answers[:, 0].double() * std + mean - truth).square()
        return 1 - error / truth.double().var(correction=0).clamp_min(1e-12)

    def score(self, answers: Tensor) -> float:
        """Accuracy or R2 of "plants columns" answers on the held-out plants."""
        return float(self.per_plant(answers).mean())


def fit_linear(
    features: Tensor,
    targets: Sequence[Target],
    *,
    wanted: Sequence[Tensor],
    seeds: int,
    generator: torch.Generator,
    repeats: int = 1,
    steps: int = 60,
    decay: float = 0.3,
) -> Tensor:
    """Train one linear probe per target and seed, all at once.

    Gradient of the mean loss over the plants that a seed sees, with respect to the answers:
    softmax(h W) - onehot for a category, h W - y for a number. The steps are Nesterov's, of the
    length 1 / L that the features' own curvature L allows, so no learning rate is to be tuned:

        V = W + beta (W - W_before),   W <- V - grad(V) / L,   beta = (1 - r) / (1 + r),
        r = sqrt(decay / L)

    Args:
        features: Standardised features of the training plants, last column 1, "plants dim".
        targets: What to read; only their column counts and kinds are used here.
        wanted: Target columns, one tensor a target (shuffled ones for the null).
        seeds: Probes per target.
        generator: Draws the starts and which four fifths of the plants each seed sees.
        repeats: How often the targets repeat themselves; each repeat has the same starts.
        steps: Full-batch steps of the episode.
        decay: L2 penalty on the weights; a lone standardised feature is read 1 / (1 + decay) low.

    Returns:
        Weights, "dim seeds columns".
    """
    plants, dim = features.shape
    aims = torch.cat(list(wanted), 1)[:, None, :]
    starts = torch.randn(dim, seeds, aims.shape[2] // repeats, generator=generator)
    weights = 0.01 * starts.repeat(1, 1, repeats)
    seen = torch.rand(plants, seeds, generator=generator).argsort(0) < int(0.8 * plants)
    shows = torch.cat([t.masks[0][:, None].expand(-1, max(t.classes, 1)) for t in targets], 1)
    share = (seen[:, :, None] & shows[:, None, :]).float()
    share /= share.sum(0)
    curvature = plants * float(share.max()) * _top_eigenvalue(features) + decay
    ratio = (decay / curvature) ** 0.5
    momentum, before = (1 - ratio) / (1 + ratio), weights
    for _ in range(steps):
        ahead = weights + momentum * (weights - before)
        answers = (features @ ahead.flatten(1)).view(plants, seeds, -1)
        slope = (_expected(answers, targets) - aims) * share
        gradient = (features.T @ slope.flatten(1)).view_as(weights).add_(ahead, alpha=decay)
        before, weights = weights, ahead.sub_(gradient, alpha=1 / curvature)
    return weights


def _top_eigenvalue(features: Tensor, rounds: int = 20) -> float:
    """Largest eigenvalue of h^T h / plants by power iteration, with a margin of a tenth."""
    direction = features.new_ones(features.shape[1]) / features.shape[1] ** 0.5
    length = torch.tensor(0.0)
    for _ in range(rounds):
        turned = features.T @ (features @ direction) / len(features)
        length = turned.norm()
        direction = turned / length.clamp_min(1e-12)
    return 1.1 * float(length)


def _expected(answers: Tensor, targets: Sequence[Target]) -> Tensor:
    """Softmax inside each category's columns; numbers stay as they are."""
    blocks = answers.split([max(target.classes, 1) for target in targets], dim=2)
    pairs = zip(blocks, targets, strict=True)
    return torch.cat([b.softmax(2) if t.classes else b for b, t in pairs], 2)


def read_off(
    train: Tensor, held_out: Tensor, targets: Sequence[Target], *, seeds: int, seed: int, step: int
) -> dict[str, Measure]:
    """Scores of fresh probes, and of the same probes on shuffled labels.

    Args:
        train: Features of the training plants, "plants dim".
        held_out: Features of the held-out plants, "plants dim".
        targets: What to read.
        seeds: Probes per target.
        seed: Seed of the run; with `step` it fixes every draw of this episode.
        step: Step of the run.

    Returns:
        "probe/<factor>/<view>" and "null/<factor>/<view>": mean, lowest and highest over seeds.
    """
    found: dict[str, Measure] = {}
    for name, per_plant in answered(train, held_out, targets, seeds=seeds, seed=seed, step=step):
        scores = per_plant.mean(1).tolist()
        found[name] = (float(np.mean(scores)), min(scores), max(scores))
    return found


def answered(
    train: Tensor, held_out: Tensor, targets: Sequence[Target], *, seeds: int, seed: int, step: int
) -> Iterator[tuple[str, Tensor]]:
    """The same by plant: name, and what each held-out plant adds to each seed's score.

    Yields:
        "probe/<factor>/<view>" or "null/<factor>/<view>", and "seeds plants".
    """
    train, held_out = standardised(train, held_out)
    labels = _real_and_shuffled(targets, seed)
    named = [(name, target) for name in labels for target in targets]
    every = [target for _, target in named]
    weights = fit_linear(  # all at once: the same starts, and half the passes over the features
        train,
        every,
        wanted=[wanted for of in labels.values() for wanted in of],
        seeds=seeds,
        generator=generator_for(seed, "probe", step),
        repeats=len(labels),
    )
    answers = torch.einsum("nd,dso->sno", held_out, weights)
    blocks = answers.split([max(target.classes, 1) for target in every], dim=2)
    for block, (name, target) in zip(blocks, named, strict=True):
        told = torch.stack([target.per_plant(one) for one in block])
        yield f"{name}/{target.name}/{target.view}", told


def standardised(train: Tensor, held_out: Tensor) -> tuple[Tensor, Tensor]:
    """Both sets in units of the training plants' spread, with a last column of ones.

    A feature that hardly moves is not blown up: no spread counts as less than a tenth of the
    median one. (Without that floor, outliers made R2 of a random-init encoder fall below -70.)
    """
    middle, spread = train.mean(0), train.std(0)
    spread = spread.clamp_min(max(0.1 * float(spread.median()), 1e-6))
    scaled = ((features - middle) / spread for features in (train, held_out))
    train, held_out = (F.pad(features, (0, 1), value=1.0) for features in scaled)
    return train, held_out


def _real_and_shuffled(targets: Sequence[Target], seed: int) -> dict[str, list[Tensor]]:
    order = torch.randperm(len(targets[0].train), generator=generator_for(seed, "shuffled labels"))
    real = [target.wanted for target in targets]
    return {"probe": real, "null": [wanted[order] for wanted in real]}
