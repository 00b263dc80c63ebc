"""Forecasts: every score against its plain twin, and nulls that are what they say."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.training.classifier.evaluation import Forecast

PRIOR = np.array([0.5, 0.3, 0.2])


def forecast(probabilities, labels, plants=None, prior=PRIOR):
    plants = np.arange(len(labels)) if plants is None else np.array(plants)
    logs = torch.tensor(probabilities, dtype=torch.float64).log()
    return Forecast(logs, torch.tensor(labels), plants, prior)


def drawn(rows=200, seed=0):
    generator = np.random.default_rng(seed)
    return generator.dirichlet([1, 1, 1], rows), generator.integers(0, 3, rows)


def test_scores_equal_plain_loops():
    p, y = drawn()
    found = forecast(p, y.tolist())
    right = [row.argmax() == label for row, label in zip(p, y, strict=True)]
    assert found.accuracy("?", seed=0).value == pytest.approx(np.mean(right))
    losses = [-np.log(row[label]) for row, label in zip(p, y, strict=True)]
    assert found.log_loss("?", seed=0).value == pytest.approx(np.mean(losses))
    table = np.zeros((3, 3), int)
    for row, label in zip(p, y, strict=True):
        table[label, row.argmax()] += 1
    assert found.confusion().tolist() == table.tolist()
    scores = found.scores(temperature=1.0, seed=0)
    assert scores["recall"] == pytest.approx([table[k, k] / table[k].sum() for k in range(3)])
    assert scores["log_loss_uniform"] == pytest.approx(np.log(3))
    assert scores["log_loss_tempered"] == pytest.approx(np.mean(losses))


def test_the_prior_as_a_forecast_is_its_own_null():
    _, y = drawn()
    found = forecast(np.tile(PRIOR, (200, 1)), y.tolist())
    for number in (found.accuracy("?", seed=0), found.log_loss("?", seed=0)):
        assert number.value == pytest.approx(number.null)


def test_random_forecasts_of_random_labels_are_at_chance():
    p, y = drawn(6000)
    accuracy = forecast(p, y.tolist()).accuracy("?", seed=0)
    low, high = accuracy.interval
    assert low < 1 / 3 < high
    assert forecast(p, y.tolist()).log_loss("?", seed=0).value > np.log(3)


def test_rows_of_one_plant_are_one_plant():
    p = [[1, 0, 0], [0, 1, 0], [1, 0, 0], [1, 0, 0]]
    found = forecast(np.array(p, float) * 0.97 + 0.01, [0, 0, 0, 0], plants=[7, 7, 3, 3])
    accuracy = found.accuracy("?", seed=0)
    assert (accuracy.value, accuracy.n) == (0.75, 2)
    assert found.right.tolist() == [1.0, 0.5]


def test_a_temperature_of_one_changes_nothing_and_a_high_one_makes_it_unsure():
    p, y = drawn(20)
    found = forecast(p, y.tolist())
    torch.testing.assert_close(found.tempered(1.0).logs, found.logs)
    flat = found.tempered(1e6).logs.exp()
    torch.testing.assert_close(flat, torch.full_like(flat, 1 / 3), atol=1e-4, rtol=0)


def test_a_class_without_rows_has_no_recall():
    assert forecast([[0.8, 0.1, 0.1]], [0]).scores(temperature=1.0, seed=0)["recall"] == [
        1,
        None,
        None,
    ]


def test_broken_weights_are_said():
    with pytest.raises(PlantEduError, match="not finite"):
        forecast([[float("nan"), 0.5, 0.5]], [0])
