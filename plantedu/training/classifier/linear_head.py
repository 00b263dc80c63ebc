"""A linear classifier on a frozen encoder, from a few labelled plants, in about a second.

A softmax regression under a fixed L2 penalty, folded into a `PairClassifier`: the features' means
and spreads become the running numbers of its batch norm, the weights those of its last layer. It is
a thing to attack and to explain, not an instrument: what h *holds* is read by `linear.py`, whose
penalty the plants choose.

Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]. Lesson: 08_attacks.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from plantedu.models.classifier import VIEWS_OF, PairClassifier
from plantedu.models.encoders import Encoder
from plantedu.training.linear_probe import standardised
from plantedu.training.online_probes import features_of
from plantedu.training.seeding import generator_for

Features = tuple[Tensor, Tensor]


def sensor_features(encoder: Encoder, views: Tensor) -> Features:
    """h of either sensor's pictures, "2 batch 3 side side" in [0, 1]."""
    return features_of(encoder, views[0]), features_of(encoder, views[1])


def fit_head(
    encoder: Encoder, features: Features, labels: Tensor, *, classes: int, sensors: str, seed: int
) -> PairClassifier:
    """A classifier whose encoder is as it was, and whose head is a softmax regression.

    Args:
        encoder: What the features are of.
        features: h of the labelled plants by sensor, each "plants dim".
        labels: Their classes, "plants".
        classes: How many there are.
        sensors: "rgb", "rgn" or "both".
        seed: Draws the head's start, and which four fifths of the plants it sees.
    """
    model = PairClassifier(encoder, classes=classes, sensors=sensors, frozen_steps=1, seed=seed)
    h = {"rgb": features[:1], "rgn": features[1:], "both": features}[sensors]
    assert len(h) == VIEWS_OF[sensors]
    joined = torch.cat(h, 1)
    scaled, _ = standardised(joined, joined[:1])
    generator = generator_for(seed, f"head {sensors}")
    _fold(model, joined, fit_softmax(scaled, labels, classes=classes, generator=generator))
    return model.eval()


def fit_softmax(
    features: Tensor,
    labels: Tensor,
    *,
    classes: int,
    generator: torch.Generator,
    steps: int = 60,
    decay: float = 0.3,
) -> Tensor:
    """Softmax regression by a few full-batch steps from W ~ N(0, 0.01^2).

    The steps are Nesterov's, of the length 1 / L that the features' own curvature L allows:

        V = W + beta (W - W_before),   W <- V - grad(V) / L,   beta = (1 - r) / (1 + r),
        r = sqrt(decay / L)

    Args:
        features: Standardised features, last column 1, "plants dim".
        labels: Codes, "plants".
        classes: How many there are.
        generator: Draws the start and which four fifths of the plants are seen.
        steps: Full-batch steps.
        decay: L2 penalty on the weights.

    Returns:
        Weights, "dim classes".
    """
    plants, dim = features.shape
    aims = F.one_hot(labels, classes).float()
    weights = 0.01 * torch.randn(dim, 1, classes, generator=generator)[:, 0]
    seen = torch.rand(plants, 1, generator=generator).argsort(0) < int(0.8 * plants)
    share = seen.float() / seen.float().sum()
    curvature = plants * float(share.max()) * _top_eigenvalue(features) + decay
    ratio = (decay / curvature) ** 0.5
    momentum, before = (1 - ratio) / (1 + ratio), weights
    for _ in range(steps):
        ahead = weights + momentum * (weights - before)
        slope = ((features @ ahead).softmax(1) - aims) * share
        gradient = (features.T @ slope).add_(ahead, alpha=decay)
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


@torch.no_grad()
def _fold(model: PairClassifier, joined: Tensor, weights: Tensor) -> None:
    """Batch norm and last layer from the features' spread and the head's weights."""
    norm, last = model.head[0], model.head[-1]
    spread = joined.std(0)
    spread = spread.clamp_min(max(0.1 * float(spread.median()), 1e-6))  # as `standardised`
    norm.running_mean.copy_(joined.mean(0))  # type: ignore[union-attr, operator]
    norm.running_var.copy_(spread.square() - norm.eps)  # type: ignore[union-attr, operator]
    last.weight.copy_(weights[:-1].T)  # type: ignore[union-attr, operator]
    last.bias.copy_(weights[-1])  # type: ignore[union-attr, operator]
