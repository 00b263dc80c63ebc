"""A linear classifier on a frozen encoder, from a few labelled plants, in about a second.

The linear reader of `linear.py`, folded into a `PairClassifier`: the features' means and spreads
become the running numbers of its batch norm, the reader's weights those of its last layer.

Source: Alain & Bengio 2016, arXiv:1610.01644 [alain2017]. Lesson: 08_attacks.
"""

import torch
from torch import Tensor

from plantedu.models.classifier import VIEWS_OF, PairClassifier
from plantedu.models.encoders import Encoder
from plantedu.training.linear import Target, fit_linear, standardised
from plantedu.training.probes import features_of
from plantedu.training.randomness import generator_for

Features = tuple[Tensor, Tensor]


def sensor_features(encoder: Encoder, views: Tensor) -> Features:
    """h of either sensor's pictures, "2 batch 3 side side" in [0, 1]."""
    return features_of(encoder, views[0]), features_of(encoder, views[1])


def fit_head(
    encoder: Encoder, features: Features, labels: Tensor, *, classes: int, sensors: str, seed: int
) -> PairClassifier:
    """A classifier whose encoder is as it was, and whose head is a linear reader.

    Args:
        encoder: What the features are of.
        features: h of the labelled plants by sensor, each "plants dim".
        labels: Their classes, "plants".
        classes: How many there are.
        sensors: "rgb", "rgn" or "both".
        seed: Draws the reader's start, and which four fifths of the plants it sees.
    """
    model = PairClassifier(encoder, classes=classes, sensors=sensors, frozen_steps=1, seed=seed)
    h = {"rgb": features[:1], "rgn": features[1:], "both": features}[sensors]
    assert len(h) == VIEWS_OF[sensors]
    joined = torch.cat(h, 1)
    scaled, _ = standardised(joined, joined[:1])
    target = Target("disease", sensors, classes, labels, labels[:1])
    generator = generator_for(seed, f"head {sensors}")
    weights = fit_linear(scaled, [target], wanted=[target.wanted], seeds=1, generator=generator)
    _fold(model, joined, weights[:, 0])
    return model.eval()


@torch.no_grad()
def _fold(model: PairClassifier, joined: Tensor, weights: Tensor) -> None:
    """Batch norm and last layer from the features' spread and the reader's weights."""
    norm, last = model.head[0], model.head[-1]
    spread = joined.std(0)
    spread = spread.clamp_min(max(0.1 * float(spread.median()), 1e-6))  # as `standardised`
    norm.running_mean.copy_(joined.mean(0))  # type: ignore[union-attr, operator]
    norm.running_var.copy_(spread.square() - norm.eps)  # type: ignore[union-attr, operator]
    last.weight.copy_(weights[:-1].T)  # type: ignore[union-attr, operator]
    last.bias.copy_(weights[-1])  # type: ignore[union-attr, operator]
