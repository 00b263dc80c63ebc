"""Episodic linear probes: what a linear reader finds in the encoder while it trains.

Every episode starts from fresh weights W ~ N(0, 0.01^2), sees detached features h of labelled
training plants, takes a fixed number of full-batch steps, and is scored on held-out plants:

    category   p = softmax(h W),  score = accuracy
    number     y = h W,           score = R2 = 1 - sum (y - y*)^2 / sum (y* - mean y*)^2

The same probe on shuffled labels is the null, and step 0 is the random-init encoder. Several
seeds (start, and which four fifths of the plants are seen) give the band. The probes are an
observer: they read weights and draw from generators of their own, so a run with probes ends in
the same bits as one without.

Source: Liang et al. 2022, CVPR, pp. 9559-9569 [liang2022]; Alain & Bengio 2017,
arXiv:1610.01644 [alain2017]. Lesson: 02_training.
"""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.training.fit import Measure, Observer, State
from plantedu.training.randomness import generator_for

VIEWS = ("rgb", "rgn", "both")


@dataclass(frozen=True)
class Target:
    """What one probe reads: `classes` 0 is a number, else codes 0..classes-1, "plants"."""

    name: str
    view: str
    classes: int
    train: Tensor
    held_out: Tensor

    @cached_property
    def chance(self) -> float:
        """Score of the best constant answer: the majority class's share, or R2 = 0."""
        if not self.classes:
            return 0.0
        majority = torch.bincount(self.train, minlength=self.classes).argmax()
        return float((self.held_out == majority).double().mean())

    @cached_property
    def wanted(self) -> Tensor:
        """Training target as columns: one-hot classes, or the standardised number."""
        if self.classes:
            return F.one_hot(self.train, self.classes).float()
        values = self.train.float()
        return ((values - values.mean()) / values.std().clamp_min(1e-9))[:, None]

    def score(self, answers: Tensor) -> float:
        """Accuracy or R2 of "plants columns" answers on the held-out plants."""
        if self.classes:
            return float((answers.argmax(1) == self.held_out).double().mean())
        truth = self.held_out.double()
        mean, spread = self.train.double().mean(), self.train.double().std().clamp_min(1e-9)
        error = (answers[:, 0].double() * spread + mean - truth).square().sum()
        return float(1 - error / (truth - truth.mean()).square().sum().clamp_min(1e-12))


def fit_linear(
    features: Tensor,
    targets: Sequence[Target],
    *,
    wanted: Sequence[Tensor],
    seeds: int,
    generator: torch.Generator,
    steps: int = 60,
    learning_rate: float = 0.02,
    decay: float = 0.02,
) -> Tensor:
    """Train one linear probe per target and seed, all at once.

    Gradient of the mean loss over the plants that a seed sees, with respect to the answers:
    softmax(h W) - onehot for a category, h W - y for a number; Adam takes the steps.

    Args:
        features: Standardised features of the training plants, last column 1, "plants dim".
        targets: What to read; only their column counts and kinds are used here.
        wanted: Target columns, one tensor a target (shuffled ones for the null).
        seeds: Probes per target.
        generator: Draws the starts and which four fifths of the plants each seed sees.
        steps: Full-batch steps of the episode.
        learning_rate: Adam's step.
        decay: L2 penalty on the weights.

    Returns:
        Weights, "dim seeds columns".
    """
    plants, dim = features.shape
    aims = torch.cat(list(wanted), 1)[:, None, :]
    weights = 0.01 * torch.randn(dim, seeds, aims.shape[2], generator=generator)
    seen = torch.rand(plants, seeds, generator=generator).argsort(0) < int(0.8 * plants)
    share = (seen / seen.sum(0))[:, :, None]
    first, second = torch.zeros_like(weights), torch.zeros_like(weights)
    for step in range(1, steps + 1):
        answers = (features @ weights.flatten(1)).view(plants, seeds, -1)
        slope = (_expected(answers, targets) - aims) * share
        gradient = (features.T @ slope.flatten(1)).view_as(weights).add_(weights, alpha=decay)
        first.lerp_(gradient, 0.1)
        second.lerp_(gradient.square_(), 0.001)
        scale = learning_rate / (1 - 0.9**step)
        weights -= scale * first / (second / (1 - 0.999**step)).sqrt_().add_(1e-8)
    return weights


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
    middle, spread = train.mean(0), train.std(0).clamp_min(1e-6)
    train, held_out = (_with_bias((h - middle) / spread) for h in (train, held_out))
    found: dict[str, Measure] = {}
    for name, wanted in _real_and_shuffled(targets, seed).items():
        weights = fit_linear(
            train,
            targets,
            wanted=wanted,
            seeds=seeds,
            generator=generator_for(seed, "probe", step),
        )
        answers = torch.einsum("nd,dso->sno", held_out, weights)
        for block, target in zip(_columns(answers, targets), targets, strict=True):
            scores = [target.score(block[index]) for index in range(seeds)]
            key = f"{name}/{target.name}/{target.view}"
            found[key] = (float(np.mean(scores)), min(scores), max(scores))
    return found


def _with_bias(features: Tensor) -> Tensor:
    return F.pad(features, (0, 1), value=1.0)


def _columns(answers: Tensor, targets: Sequence[Target]) -> Sequence[Tensor]:
    return answers.split([max(target.classes, 1) for target in targets], dim=2)


def _real_and_shuffled(targets: Sequence[Target], seed: int) -> dict[str, list[Tensor]]:
    order = torch.randperm(len(targets[0].train), generator=generator_for(seed, "shuffled labels"))
    real = [target.wanted for target in targets]
    return {"probe": real, "null": [wanted[order] for wanted in real]}


@contextmanager
def _evaluating(module: nn.Module):
    """Evaluation mode inside, the module's own modes back outside."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training


def features_of(encoder: nn.Module, images: np.ndarray, *, side: int, batch: int = 128) -> Tensor:
    """Detached features of whole images, shrunk to the side that the encoder trains at.

    Args:
        encoder: Images in [0, 1] to "batch dim".
        images: One sensor, uint8, "n 3 height width".
        side: Height and width fed to the encoder, in pixels.
        batch: Images per forward pass.

    Returns:
        Features on the CPU, float32, "n dim".
    """
    device = next(encoder.parameters()).device
    found = []
    with _evaluating(encoder):
        for start in range(0, len(images), batch):
            part = torch.from_numpy(images[start : start + batch]).to(device).float() / 255
            part = F.interpolate(part, size=(side, side), mode="bilinear", antialias=True)
            found.append(encoder(part).float().cpu())
    return torch.cat(found)


class EpisodicProbes(Observer):
    """Reads every target from each sensor's features, and from both, every `every` steps."""

    def __init__(
        self,
        images: Mapping[str, tuple[np.ndarray, np.ndarray]],
        targets: Sequence[Target],
        *,
        every: int,
        seeds: int,
        seed: int,
        side: int,
    ) -> None:
        """Watch a run.

        Args:
            images: Training and held-out images by sensor ("rgb", "rgn"), uint8.
            targets: What to read, each with its view.
            every: Steps between episodes.
            seeds: Probes per target.
            seed: Seed of the run.
            side: Side in pixels at which images are fed.
        """
        require(bool(targets), "Probes need at least one factor; leave them out otherwise.")
        self.images, self.targets = images, tuple(targets)
        self.every, self.seeds, self.seed, self.side = every, seeds, seed, side

    def measure(self, state: State) -> Mapping[str, Measure]:
        if state.step % self.every and state.step != state.steps:
            return {}
        features = {sensor: self._features(state, sensor) for sensor in self.images}
        found: dict[str, Measure] = {}
        for view in VIEWS:
            targets = [target for target in self.targets if target.view == view]
            if targets:
                train, held_out = _view(features, view)
                found |= read_off(
                    train, held_out, targets, seeds=self.seeds, seed=self.seed, step=state.step
                )
        if state.step == 0:
            found |= {f"chance/{t.name}/{t.view}": t.chance for t in self.targets}
        return found

    def _features(self, state: State, sensor: str) -> tuple[Tensor, Tensor]:
        encoder = state.objective.encoder
        train, held_out = self.images[sensor]
        both = features_of(encoder, np.concatenate([train, held_out]), side=self.side)  # type: ignore[arg-type]
        return both[: len(train)], both[len(train) :]


def _view(features: Mapping[str, tuple[Tensor, Tensor]], view: str) -> tuple[Tensor, Tensor]:
    if view != "both":
        return features[view]
    rgb, rgn = features["rgb"], features["rgn"]
    return torch.cat([rgb[0], rgn[0]], 1), torch.cat([rgb[1], rgn[1]], 1)
