"""A linear reader with a penalty that the training plants choose, scored on plants not seen before.

    category   linear discriminants of h,   score = accuracy
    number     y = h W,                     score = R2 = 1 - sum (y - y*)^2 / sum (y* - mean y*)^2

W and its penalty are `ridge.py`'s: closed form, left-out errors of the training plants, no steps
and no learning rate, and nothing drawn. The same reader on shuffled labels is the null; each
shuffle chooses its own penalty. What a linear reader finds is *there*; it does not follow that the
network uses it.

The reader before this one took sixty steps of gradient under a fixed penalty of .3 on standardised
features. In an embedding most directions are narrow, and a fixed penalty hides what they hold:
R2 .3 was shown where ridge regression reads .85.

Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]; shuffled labels in the spirit of Hewitt
& Liang 2019, arXiv:1909.03368 [hewitt2019]. Lesson: 02_training.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.errors import require
from plantedu.statistics.intervals import plants_interval, r2_parts
from plantedu.statistics.kernel_features import Kernel, lifted
from plantedu.statistics.ridge import RidgePath, Wanted
from plantedu.training.fit import Measure
from plantedu.training.seeding import generator_for

FEWEST = 8  # plants that a probe is trained on, and that it is scored on


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

    def aim(self, labels: Tensor) -> Wanted:
        """These training labels as columns: one-hot classes, or the standardised number."""
        if self.classes:
            return Wanted.of_category(labels, self.classes)
        mean, std = self.spread
        return Wanted(((labels.double() - mean) / std)[:, None])

    @cached_property
    def unreadable(self) -> str | None:
        """Why no probe can be scored on these labels, in one sentence; None if it can."""
        for labels, mask, kind in zip(
            (self.train, self.held_out), self.masks, ("training", "held-out"), strict=True
        ):
            shown, named = labels[mask], f"{kind} plants show {self.name}"
            if len(shown) < FEWEST:
                count = len(shown) or "None"
                return f"{count} of {len(mask)} {named}; a probe needs {FEWEST} or more."
            bad = int((~shown.double().isfinite()).sum())
            if bad:
                return f"{bad} of {len(shown)} {kind} plants have no finite value of {self.name}."
            if self.classes and not 0 <= int(shown.min()) <= int(shown.max()) < self.classes:
                return f"Codes of {self.name} must lie in 0..{self.classes - 1}."
            if bool((shown == shown[0]).all()) and (kind == "training" or not self.classes):
                same = "are of one class" if self.classes else "have one value"
                return f"All {len(shown)} {kind} plants {same} of {self.name}."
        return None

    def per_plant(self, answers: Tensor) -> Tensor:
        """What each held-out plant adds to the score of "plants columns" answers; mean = score.

        Right or wrong for a category; for a number see `intervals.r2_parts`.
        """
        answers, truth = answers[self.masks[1]], self.held_out[self.masks[1]]
        if self.classes:
            return (answers.argmax(1) == truth).double()
        mean, std = self.spread
        truth = truth.double()
        error = (answers[:, 0].double() * std + mean - truth).square()
        return torch.from_numpy(r2_parts(error.numpy(), (truth - truth.mean()).square().numpy()))

    def score(self, answers: Tensor) -> float:
        """Accuracy or R2 of "plants columns" answers on the held-out plants."""
        return float(self.per_plant(answers).mean())


def fit_linear(features: Tensor, target: Target) -> Tensor:
    """The reader's weights of one target.

    Args:
        features: Standardised features of the training plants, last column 1, "plants dim".
        target: What to read from them.

    Returns:
        Weights, "dim columns", float32: `features @ weights` are a category's discriminants, or
        the standardised number.

    Raises:
        PlantEduError: as `answered`.
    """
    check_readable([target])
    check_features(features, features[:1])
    shows = target.masks[0]
    path = RidgePath(features[shows, :-1])
    ((weights, constants),) = path.fit([target.aim(target.train[shows])])
    weights = path.parts.turn @ weights
    return torch.cat([weights, (constants - path.parts.middle @ weights)[None]]).float()


def read_off(
    train: Tensor, held_out: Tensor, targets: Sequence[Target], *, seeds: int, seed: int, step: int
) -> dict[str, Measure]:
    """Scores of the probes, and of the same probes on shuffled labels.

    Args:
        train: Features of the training plants, "plants dim".
        held_out: Features of the held-out plants, "plants dim".
        targets: What to read.
        seeds: Shuffles of the labels.
        seed: Seed of the run; with `step` it fixes the shuffles of this episode.
        step: Step of the run.

    Returns:
        "probe/<factor>/<view>": score with its 95 % interval over held-out plants;
        "null/<factor>/<view>": mean, lowest and highest over shuffles.

    Raises:
        PlantEduError: as `answered`.
    """
    classes = {f"{target.name}/{target.view}": target.classes for target in targets}
    found: dict[str, Measure] = {}
    for name, answers in answered(train, held_out, targets, seeds=seeds, seed=seed, step=step):
        kind, _, factor = name.partition("/")
        scores = answers.mean(1).tolist()
        if kind == "probe":
            kind_of = "share" if classes[factor] else "mean"
            found[name] = (scores[0], *plants_interval(answers[0].numpy(), kind=kind_of))
        else:
            found[name] = (sum(scores) / len(scores), min(scores), max(scores))
    return found


def answered(
    train: Tensor,
    held_out: Tensor,
    targets: Sequence[Target],
    *,
    seeds: int,
    seed: int,
    step: int,
    kernel: Kernel = "linear",
) -> Iterator[tuple[str, Tensor]]:
    """The same by plant: name, and what each held-out plant adds to the score.

    Targets that show in the same plants share one decomposition, with all their shuffles. There
    may be fewer plants than features: the penalty sees to it that shuffled labels still read 0.
    Another kernel than the linear one makes a reader that is not straight.

    Yields:
        "probe/<factor>/<view>", "1 plants"; then "null/<factor>/<view>", "seeds plants".

    Raises:
        PlantEduError: for features that are not finite or do not vary, for labels that are not
            finite or of one value, and for a factor that fewer than eight plants show: never a
            score at chance.
    """
    check_features(train, held_out)
    check_readable(targets)
    train, held_out = standardised(train.double(), held_out.double())
    groups: dict[bytes, list[Target]] = {}
    for target in targets:
        groups.setdefault(target.masks[0].numpy().tobytes(), []).append(target)
    for group in groups.values():
        shows, generator = group[0].masks[0], generator_for(seed, "probe", step)
        features = lifted(train[shows, :-1], held_out[:, :-1], kernel)
        yield from _answered(*features, group, seeds, generator)


def _answered(
    train: Tensor,
    held_out: Tensor,
    targets: Sequence[Target],
    seeds: int,
    generator: torch.Generator,
) -> Iterator[tuple[str, Tensor]]:
    """Targets that show in the same training plants; `train` are these alone."""
    shows = targets[0].masks[0]
    path, count = RidgePath(train), len(train)
    orders = [torch.arange(count)]
    orders += [torch.randperm(count, generator=generator) for _ in range(seeds)]
    wanted = [t.aim(t.train[shows][order]) for t in targets for order in orders]
    readers, turned = path.fit(wanted), path.turned(held_out)
    for target in targets:
        answers = [
            target.per_plant(turned @ w + b) for _, (w, b) in zip(orders, readers, strict=False)
        ]
        yield f"probe/{target.name}/{target.view}", torch.stack(answers[:1])
        yield f"null/{target.name}/{target.view}", torch.stack(answers[1:])


def check_features(train: Tensor, held_out: Tensor) -> None:
    """Raise unless every feature of every plant is finite."""
    bad = [int((~part.isfinite().all(1)).sum()) for part in (train, held_out)]
    require(
        not sum(bad),
        f"Features of {bad[0]} of {len(train)} training and {bad[1]} of {len(held_out)} held-out "
        "plants are not finite (NaN or infinite): nothing can be said of what they hold.",
    )


def check_readable(targets: Sequence[Target]) -> None:
    """Raise for the first target whose labels say nothing."""
    for target in targets:
        require(target.unreadable is None, str(target.unreadable))


def standardised(train: Tensor, held_out: Tensor) -> tuple[Tensor, Tensor]:
    """Both sets in units of the training plants' spread, with a last column of ones.

    A feature that hardly moves is not blown up: no spread counts as less than a tenth of the
    median one. (Without that floor, outliers made R2 of a random-init encoder fall below -70.)

    Raises:
        PlantEduError: for features that are not finite, by count.
    """
    check_features(train, held_out)
    middle, spread = train.mean(0), train.std(0)
    spread = spread.clamp_min(max(0.1 * float(spread.median()), 1e-6))
    scaled = ((features - middle) / spread for features in (train, held_out))
    train, held_out = (F.pad(features, (0, 1), value=1.0) for features in scaled)
    return train, held_out
