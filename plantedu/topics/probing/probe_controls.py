"""What a probe's own settings do to its score: its capacity, its penalty, how many plants it has.

Every reader is fitted to features of the training plants and asked three things:

    score       the factor, in held-out plants
    shuffled    the same with the training labels assigned at random
    control     labels assigned at random, in second pictures of the training plants themselves
                (moved by two pixels): what the reader can learn by heart
    selectivity = score - control

A control task has the same labels, so often, and nothing to find but who is who.

Source: Hewitt & Liang 2019, arXiv:1909.03368 [hewitt2019]. Lesson: 02_training.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import Tensor

from plantedu.models.swav import SwAV
from plantedu.statistics.kernel_features import Kernel, lifted
from plantedu.statistics.ridge import PENALTIES, RidgePath
from plantedu.training.linear_probe import Target, check_features, check_readable, standardised
from plantedu.training.online_probes import evaluating, features_of
from plantedu.training.seeding import generator_for

READERS = ("unpenalised", "linear", "quadratic", "gaussian", "mlp")
CURVED: dict[str, Kernel] = {"quadratic": "quadratic", "gaussian": "gaussian"}
MOVED = 2  # pixels between the two pictures of a plant
HIDDEN = 32  # units of the network
DECAYS = (0.1, 10.0, 200.0)  # of the network, on the summed squares of its weights
FIRST_PENALTY = 0.3  # of the course's first probe, on the scale of mean squared error


@dataclass(frozen=True, eq=False)
class EncoderFeatures:
    """Features of one encoder, "plants dim".

    Attributes:
        train: Of the training plants.
        again: Of second pictures of the same plants.
        held_out: Of the held-out plants.
    """

    train: Tensor
    again: Tensor
    held_out: Tensor

    def first(self, count: int) -> "EncoderFeatures":
        """With fewer training plants."""
        return EncoderFeatures(self.train[:count], self.again[:count], self.held_out)


@dataclass(frozen=True, eq=False)
class Scores:
    """What one reader made of one factor; see the module's first lines.

    Attributes:
        per_plant: What each held-out plant adds to the score, "plants".
    """

    per_plant: Tensor
    shuffled: float
    control: float


def seen_by(objective: SwAV, sensors: Sequence[Sequence[Tensor]], layer: str) -> EncoderFeatures:
    """Features of pictures by sensor, side by side.

    Args:
        objective: The encoder and its projector.
        sensors: Training and held-out pictures, "plants 3 side side", for each sensor.
        layer: "h" or "z".
    """

    def features(pictures: Sequence[Tensor]) -> Tensor:
        h = [features_of(objective.encoder, x) for x in pictures]
        if layer == "z":
            with evaluating(objective):
                h = [F.normalize(objective.projector(one), dim=1) for one in h]
        return torch.cat(h, 1)

    train = [pair[0] for pair in sensors]
    moved = [x.roll((MOVED, MOVED), (2, 3)) for x in train]
    return EncoderFeatures(
        features(train), features(moved), features([pair[1] for pair in sensors])
    )


def fewer(target: Target, count: int) -> Target:
    """The same with the first `count` training plants."""
    shows = None if target.shows is None else (target.shows[0][:count], target.shows[1])
    return replace(target, train=target.train[:count], shows=shows)


def by_heart(target: Target, seed: int) -> Target:
    """The control task: labels assigned at random, and asked for in the same plants."""
    mask = target.masks[0]
    labels, places = target.train.clone(), mask.nonzero()[:, 0]
    order = torch.randperm(len(places), generator=generator_for(seed, "control task"))
    labels[places] = target.train[places[order]]
    return replace(target, train=labels, held_out=labels, shows=(mask, mask))


def asked(reader: str, seen: EncoderFeatures, target: Target, *, seeds: int, seed: int) -> Scores:
    """Fit one reader to a factor, to shuffled labels and to control tasks.

    Args:
        reader: One of READERS.
        seen: Features.
        target: What to read.
        seeds: Shuffles, and control tasks; their means are given.
        seed: Draws them.

    Raises:
        PlantEduError: as `linear.answered`.
    """
    check_features(torch.cat([seen.train, seen.again]), seen.held_out)
    check_readable([target])
    tasks = [by_heart(target, seed + k) for k in range(seeds)]
    answers = list(_answers(reader, seen, [target, *tasks], seed))
    controls = [target.score(held) for held, _ in answers[1:]]
    learned = [one.score(again) for one, (_, again) in zip(tasks, answers[1:], strict=True)]
    return Scores(target.per_plant(answers[0][0]), sum(controls) / seeds, sum(learned) / seeds)


def _answers(
    reader: str, seen: EncoderFeatures, targets: Sequence[Target], seed: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """For each target, answers of held-out plants and of the training plants' second pictures."""
    shows = targets[0].masks[0]
    x, other = standardised(
        seen.train.double()[shows], torch.cat([seen.held_out, seen.again]).double()
    )
    x, other = x[:, :-1], other[:, :-1]
    if reader == "mlp":
        answers = (_mlp(x, other, target, shows, seed) for target in targets)
    else:
        x, other = lifted(x, other, CURVED.get(reader, "linear"))
        path = RidgePath(x)
        wanted = [target.aim(target.train[shows]) for target in targets]
        none = float(PENALTIES[0]) if reader == "unpenalised" else None
        turned = path.turned(other)
        answers = (turned @ w + b for w, b in path.fit(wanted, penalty=none))
    for one in answers:
        yield one[: len(seen.held_out)], one[len(seen.held_out) :]


def _mlp(x: Tensor, other: Tensor, target: Target, shows: Tensor, seed: int) -> Tensor:
    """Answers of a small network; the decay that reads a fifth of the plants best."""
    labels = target.train[shows]
    y = labels if target.classes else target.aim(labels).columns[:, 0]
    fifth = len(x) // 5
    scores = {}
    for decay in DECAYS:
        answers = _network(x[fifth:], y[fifth:], x[:fifth], target.classes, decay, seed)
        error = F.mse_loss(answers[:, 0], y[:fifth].double())
        right = (answers.argmax(1) == y[:fifth]).double().mean()
        scores[decay] = float(right if target.classes else -error)
    best = max(DECAYS, key=lambda decay: scores[decay])
    return _network(x, y, other, target.classes, best, seed)


def _network(x: Tensor, y: Tensor, other: Tensor, classes: int, decay: float, seed: int) -> Tensor:
    """Answers of one small network, "plants columns"."""
    settings: dict[str, Any] = {"hidden_layer_sizes": (HIDDEN,), "alpha": decay}
    settings |= {"max_iter": 60, "learning_rate_init": 5e-3, "random_state": seed}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if not classes:
            regressor = MLPRegressor(**settings).fit(x.numpy(), y.numpy())
            return torch.from_numpy(regressor.predict(other.numpy()))[:, None].double()
        network = MLPClassifier(**settings).fit(x.numpy(), y.numpy())
    answers = torch.zeros(len(other), classes, dtype=torch.float64)
    answers[:, torch.from_numpy(network.classes_)] = torch.from_numpy(
        network.predict_proba(other.numpy())
    ).double()
    return answers


@dataclass(frozen=True, eq=False)
class PathScores:
    """Scores of the straight reader at every penalty.

    Attributes:
        penalties: In units of the mean squared feature: p / n as in `first`.
        chosen: The one that left-out plants choose.
        train: Score in the very pictures that it was fitted to.
        score: In held-out plants.
        shuffled: In held-out plants, after shuffled labels.
        control: Of control tasks, in second pictures.
    """

    penalties: tuple[float, ...]
    chosen: float
    train: tuple[float, ...]
    score: tuple[float, ...]
    shuffled: tuple[float, ...]
    control: tuple[float, ...]


def penalty_path(seen: EncoderFeatures, target: Target, *, seeds: int, seed: int) -> PathScores:
    """The straight reader under every penalty, from next to none to all; see `PathScores`."""
    check_features(torch.cat([seen.train, seen.again]), seen.held_out)
    check_readable([target])
    shows = target.masks[0]
    x, other = standardised(
        seen.train.double()[shows], torch.cat([seen.held_out, seen.again]).double()
    )
    path = RidgePath(x[:, :-1])
    fitted, turned = path.turned(x[:, :-1]), path.turned(other[:, :-1])
    held, again = turned[: len(seen.held_out)], turned[len(seen.held_out) :]
    tasks = [by_heart(target, seed + k) for k in range(seeds)]
    wanted = [one.aim(one.train[shows]) for one in (target, *tasks)]
    labels = target.train[shows]
    own = replace(target, train=labels, held_out=labels, shows=None)
    rows = []
    for penalty in PENALTIES.tolist():
        (w, b), *controls = path.fit(wanted, penalty=penalty)
        rows.append(
            (
                own.score(fitted @ w + b),
                target.score(held @ w + b),
                sum(target.score(held @ v + c) for v, c in controls) / seeds,
                sum(t.score(again @ v + c) for t, (v, c) in zip(tasks, controls, strict=True))
                / seeds,
            )
        )
    scale = float(path.parts.squares[-1]) / len(labels)
    train, score, shuffled, control = (tuple(column) for column in zip(*rows, strict=True))
    (chosen,) = path.chosen(wanted[:1])
    penalties = tuple(scale * p for p in PENALTIES.tolist())
    return PathScores(penalties, scale * chosen, train, score, shuffled, control)
