"""Readers that can learn plants by heart do, and say so; readers with a chosen penalty do not."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.probing.probe_controls import (
    READERS,
    EncoderFeatures,
    asked,
    by_heart,
    fewer,
    penalty_path,
)
from plantedu.training.linear_probe import Target, read_off


def planted(plants=160, dim=200, classes=0):
    """More features than plants, one factor in them, and second pictures that differ a little."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2 * plants, dim, generator=generator)
    y = 3 * torch.randn(2 * plants, generator=generator)
    x[:, :4] += y[:, None]
    labels = (y > 0).long() if classes else y
    again = x[:plants] + 0.05 * torch.randn(plants, dim, generator=generator)
    target = Target("angle", "rgb", classes, labels[:plants], labels[plants:])
    return EncoderFeatures(x[:plants], again, x[plants:]), target


@pytest.mark.parametrize("classes", [0, 2])
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_finds_what_is_there_and_nothing_in_shuffled_labels(reader, classes):
    seen, target = planted(classes=classes)
    found = asked(reader, seen, target, seeds=1 if reader == "mlp" else 3, seed=0)
    best = {"unpenalised": 0.5, "quadratic": 0.6, "gaussian": 0.6, "mlp": 0.55}.get(reader, 0.7)
    assert float(found.per_plant.mean()) > best
    level = 0.5 if classes else 0.0
    assert found.shuffled < level + 0.2
    if reader == "unpenalised":
        assert found.control > 0.9
    if reader == "linear":
        assert found.control < level + 0.45


def test_the_straight_reader_is_the_probe_itself():
    seen, target = planted()
    found = read_off(seen.train, seen.held_out, [target], seeds=1, seed=0, step=0)
    one = asked("linear", seen, target, seeds=1, seed=0)
    assert float(one.per_plant.mean()) == pytest.approx(found["probe/angle/rgb"][0], abs=1e-6)


def test_a_control_task_has_the_same_labels_in_another_order_where_they_show():
    target = planted()[1]
    shows = (torch.arange(160) % 2 == 0, torch.ones(160).bool())
    target = Target("angle", "rgb", 0, target.train, target.held_out, shows)
    task = by_heart(target, 3)
    assert torch.equal(task.train.sort().values, target.train.sort().values)
    assert torch.equal(task.train[1::2], target.train[1::2])
    assert not torch.equal(task.train[::2], target.train[::2])
    assert task.held_out is task.train


def test_the_path_goes_from_learning_by_heart_to_the_mean():
    seen, target = planted()
    path = penalty_path(seen, target, seeds=3, seed=0)
    assert path.train[0] > 0.999
    assert path.control[0] > 0.9
    assert abs(path.score[-1]) < 0.05
    assert abs(path.control[-1]) < 0.05
    at = path.penalties.index(path.chosen)
    assert path.score[at] > max(path.score) - 0.02
    assert path.shuffled[0] < -0.5  # no penalty: worse than the mean on plants not seen


def test_fewer_plants_and_what_cannot_be_read():
    seen, target = planted()
    found = asked("linear", seen.first(40), fewer(target, 40), seeds=1, seed=0)
    assert len(found.per_plant) == 160
    with pytest.raises(PlantEduError, match="4 of 4 training plants show angle"):
        asked("linear", seen.first(4), fewer(target, 4), seeds=1, seed=0)
    seen.again[0, 0] = torch.nan
    with pytest.raises(PlantEduError, match="1 of 320 training"):
        penalty_path(seen, target, seeds=1, seed=0)
