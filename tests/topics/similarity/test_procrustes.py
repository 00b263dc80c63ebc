"""Shape metrics: golden values, the best rotation by search, the triangle, noise."""

import math

import pytest
import torch

from plantedu.topics.similarity.procrustes import (
    AngularDistance,
    NormalisedBures,
    Procrustes,
    quick_nuclear,
)


def test_golden_values(golden):
    assert Procrustes(scaled=False)(*golden).value == pytest.approx(19.668397353964238, rel=1e-12)
    assert NormalisedBures()(*golden).value == pytest.approx(0.8523190865584217, rel=1e-12)
    assert AngularDistance()(*golden).value == pytest.approx(0.5503929112649946, rel=1e-12)


def test_no_turn_of_a_plane_comes_closer(golden):
    """Slow twin: two columns each, every angle and its mirror image tried."""
    x, y = (one[:, :2] - one[:, :2].mean(0) for one in golden)
    best = math.inf
    for step in range(3600):
        c, s = math.cos(step * math.pi / 1800), math.sin(step * math.pi / 1800)
        for mirror in (1, -1):
            turn = torch.tensor([[c, -s * mirror], [s, c * mirror]], dtype=torch.float64)
            best = min(best, float((x - y @ turn).square().sum()))
    assert Procrustes(scaled=False)(x, y).value == pytest.approx(best, rel=1e-5)


def test_the_three_say_one_thing(noise):
    x, y = noise(0, 50, 8), noise(1, 50, 5)
    nbs = NormalisedBures()(x, y).value
    assert Procrustes()(x, y).value == pytest.approx(2 - 2 * nbs)
    assert AngularDistance()(x, y).value == pytest.approx(math.acos(nbs))


def test_the_angle_keeps_the_triangle(noise):
    angle = AngularDistance()
    for k in range(10):
        a, b, c = (noise(3 * k + i, 12, 3) for i in range(3))
        assert angle(a, c).value <= angle(a, b).value + angle(b, c).value + 1e-9


def test_more_columns_than_plants_change_nothing_but_the_note(noise):
    x = noise(0, 20, 5)
    wide = torch.cat([x, torch.zeros(20, 95).double()], 1)
    turned = wide @ torch.linalg.qr(noise(1, 100, 100))[0]
    found = NormalisedBures()(turned, x)
    assert found.value == pytest.approx(1)
    assert "100 columns for 20 plants" in found.note
    assert NormalisedBures()(noise(0, 100, 5), noise(1, 100, 5)).note == ""


def test_quick_is_nearly_exact(noise):
    m = noise(0, 40, 60) @ noise(1, 60, 60)
    assert float(quick_nuclear(m)) == pytest.approx(float(torch.linalg.svdvals(m).sum()), rel=1e-6)
