"""Trials on probes: is a factor found that lies in a direction which hardly varies?

Features have variances that fall over four decades, as those of a projector do. In half of the
cases a factor is read off one of the weaker directions, variance about 1/1000 of the strongest; in
the others it is given to other plants at random.

Source: probes: Alain & Bengio 2016 [alain2017]; shuffled labels: Hewitt & Liang 2019 [hewitt2019];
ridge: Hoerl & Kennard 1970 [hoerl1970]. Lesson: 02_training.
"""

import numpy as np
import torch

from plantedu.topics.report_card.trial import Mark, drawn
from plantedu.training.linear_probe import Target, answered

TRAIN, HELD_OUT, DIM, SHUFFLES = 256, 128, 48, 19
STRONG = 0.3  # the weight decay of the first version, on standardised features
STEPS = 60


def chosen_penalty(seed: int) -> list[Mark]:
    """The probe of this course: the penalty is chosen by left-out training plants."""
    marks = []
    for there, features, y in _cases(seed):
        own = torch.from_numpy(y)
        target = Target("factor", "h", 0, own[:TRAIN], own[TRAIN:])
        path = dict(
            answered(
                features[:TRAIN], features[TRAIN:], [target], seeds=SHUFFLES, seed=seed, step=0
            )
        )
        r2, null = (path[f"{kind}/factor/h"].mean(1).numpy() for kind in ("probe", "null"))
        marks.append(Mark(there, bool(r2[0] > max(null.max(), 0.1)), None, float(r2[0])))
    return marks


def fixed_penalty(seed: int) -> list[Mark]:
    """The probe of the first version: sixty steps of descent with a weight decay of .3."""
    marks = []
    for there, features, y in _cases(seed):
        x = features.double().numpy()
        x = (x - x[:TRAIN].mean(0)) / x[:TRAIN].std(0)
        mean, spread = y[:TRAIN].mean(), y[:TRAIN].std()
        out = y[TRAIN:]

        def r2(order: np.ndarray, x=x, y=y, mean=mean, spread=spread, out=out) -> float:
            answers = x[TRAIN:] @ _descended(x[:TRAIN], (y[:TRAIN][order] - mean) / spread)
            return float(1 - ((answers * spread + mean - out) ** 2).mean() / out.var())

        rng = drawn(seed, "shuffles")
        null = max(r2(rng.permutation(TRAIN)) for _ in range(SHUFFLES))
        own = r2(np.arange(TRAIN))
        marks.append(Mark(there, own > max(null, 0.1), None, own))
    return marks


def _descended(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Nesterov's steps on the mean squared error with the decay, as the first version took them."""
    n, dim = x.shape
    gram, cross = x.T @ x / n, x.T @ y / n
    curvature = float(np.linalg.eigvalsh(gram)[-1]) + STRONG
    ratio = (STRONG / curvature) ** 0.5
    momentum = (1 - ratio) / (1 + ratio)
    weights = before = np.zeros(dim)
    for _ in range(STEPS):
        ahead = weights + momentum * (weights - before)
        before, weights = weights, ahead - (gram @ ahead + STRONG * ahead - cross) / curvature
    return weights


def _cases(seed: int) -> list[tuple[bool, torch.Tensor, np.ndarray]]:
    """Features of correlated columns, and a factor off one weak direction, or in another order."""
    rng, found = drawn(seed, "faint"), []
    for there in (True, False):
        scale = 10 ** np.linspace(0, -2, DIM)  # standard deviations: variances over four decades
        turn, _ = np.linalg.qr(rng.normal(size=(DIM, DIM)))
        hidden = rng.normal(size=(TRAIN + HELD_OUT, DIM))
        y = hidden[:, int(rng.integers(34, 40))] + 0.3 * rng.normal(size=len(hidden))
        features = torch.from_numpy((hidden * scale) @ turn).float()
        found.append((there, features, y if there else rng.permutation(y)))
    return found
