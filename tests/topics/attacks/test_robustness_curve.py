"""Robust share against radius: falls, ends at nought, and stands beside noise."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.gradient import FGSM, PGD
from plantedu.topics.attacks.robustness_curve import curve
from plantedu.topics.attacks.threat_model import Budget


def drawn(model, views, radii, attack=None, **knobs):
    labels = model(views.float() / 255).argmax(1)
    return curve(
        attack or PGD(steps=8), model, views, lambda rows: Margin(labels[rows]),
        Budget.on("both", 1.0), radii, generator=torch.Generator().manual_seed(0), **knobs,
    )  # fmt: skip


def test_it_falls_with_the_radius_and_ends_at_nought(bent, views):
    found = drawn(bent, views, (1, 3, 8, 20, 255))
    shares = [found.robust(r).mean() for r in (0, 1, 3, 8, 20, 255)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1
    assert shares[-1] == 0


def test_the_smallest_radius_of_a_linear_model(linear, views):
    linear.weight.data = linear.weight.data[:2]
    found = drawn(linear, views, tuple(range(1, 40)), FGSM())
    x = views.float() / 255
    w = (linear.weight[1] - linear.weight[0]).abs().sum()
    margins = (linear(x)[:, 0] - linear(x)[:, 1]).abs() / w * 255
    assert found.first.tolist() == [float(np.floor(m) + 1) for m in margins.tolist()]


def test_pictures_are_those_of_the_smallest_radius(bent, views):
    found = drawn(bent, views, (2, 6, 30))
    moved = np.abs(found.pictures.astype(int) - views.numpy()).max((0, 2, 3, 4))
    broken = np.isfinite(found.first)
    assert (moved[broken] <= found.first[broken]).all()


def test_progress_is_counted_and_noise_has_a_row_for_each_radius(bent, views):
    seen = []
    found = drawn(bent, views, (2, 6), step=seen.append)
    assert seen == [1, 2]
    assert found.noise.shape == (2, 6)


def test_radii_that_do_not_rise_are_refused(bent, views):
    with pytest.raises(PlantEduError, match="rise"):
        drawn(bent, views, (3, 2))
    with pytest.raises(PlantEduError, match="rise"):
        drawn(bent, views, ())
