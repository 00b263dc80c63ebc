"""Calibration: forecasters whose error is known, and a temperature that is found again."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.statistics.temperature import (
    BOUNDS,
    expected_calibration_error,
    fit_temperature,
    log_loss,
)


def drawn(count=20_000, classes=4, spread=2.0, seed=0):
    """Logits, and labels that are drawn from their softmax: calibrated by construction."""
    generator = torch.Generator().manual_seed(seed)
    logits = spread * torch.randn(count, classes, generator=generator, dtype=torch.float64)
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]
    return logits, labels


def slow_ece(probabilities, labels, bins):
    total = 0.0
    for b in range(bins):
        inside = []
        for p, y in zip(probabilities.tolist(), labels.tolist(), strict=True):
            top = max(p)
            if b / bins < top <= (b + 1) / bins:
                inside.append((p.index(top) == y, top))
        if inside:
            right, sure = np.mean(inside, axis=0)
            total += len(inside) / len(labels) * abs(right - sure)
    return total


def test_equals_a_plain_twin():
    logits, labels = drawn(300)
    p = (logits * 1.7).softmax(1)
    assert expected_calibration_error(p, labels, bins=10) == pytest.approx(slow_ece(p, labels, 10))


def test_a_calibrated_forecaster_has_next_to_no_error_and_a_sharpened_one_has():
    logits, labels = drawn()
    assert expected_calibration_error(logits.softmax(1), labels) < 0.015
    assert expected_calibration_error((3 * logits).softmax(1), labels) > 0.1


def test_a_constant_forecaster_is_off_by_what_it_is_off():
    labels = torch.tensor([0] * 70 + [1] * 30)
    prior = torch.tensor([[0.7, 0.3]]).repeat(100, 1)
    assert expected_calibration_error(prior, labels) == pytest.approx(0, abs=1e-7)
    sure = torch.tensor([[1.0, 0.0]]).repeat(100, 1)
    assert expected_calibration_error(sure, labels) == pytest.approx(0.3)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_found_again(temperature):
    logits, labels = drawn()
    found = fit_temperature(logits * temperature, labels)
    assert found == pytest.approx(temperature, rel=0.04)
    after = expected_calibration_error((logits * temperature / found).softmax(1), labels)
    assert after < 0.02


def test_the_temperature_is_the_likeliest_of_a_grid_and_leaves_decisions():
    logits, labels = drawn(500)
    found = fit_temperature(2 * logits, labels)
    best = log_loss(2 * logits / found, labels)
    assert all(log_loss(2 * logits / t, labels) >= best - 1e-9 for t in np.linspace(0.2, 8, 60))


def test_all_right_and_all_wrong_stay_within_bounds():
    sure = torch.eye(3).repeat(4, 1)
    labels = torch.arange(3).repeat(4)
    assert fit_temperature(sure, labels) == pytest.approx(BOUNDS[0], rel=1e-6)
    assert fit_temperature(sure, (labels + 1) % 3) == pytest.approx(BOUNDS[1], rel=1e-6)


def test_log_loss_of_the_uniform_forecast():
    assert log_loss(torch.zeros(5, 3), torch.tensor([0, 1, 2, 0, 1])) == pytest.approx(np.log(3))


@pytest.mark.parametrize("bad", [[[0.5, 0.4]], [[float("nan"), 1.0]], [[1.2, -0.2]]])
def test_what_is_no_forecast_is_refused(bad):
    with pytest.raises(PlantEduError, match="probabilities that sum to 1"):
        expected_calibration_error(torch.tensor(bad), torch.tensor([0]))
    with pytest.raises(PlantEduError, match="finite logits"):
        fit_temperature(torch.tensor([[float("nan"), 0.0]]), torch.tensor([0]))
    with pytest.raises(PlantEduError, match="finite logits"):
        fit_temperature(torch.zeros(0, 2), torch.zeros(0, dtype=torch.long))
