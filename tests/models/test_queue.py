"""The queue: a ring per sensor, read before insert, saved with the objective."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.queue import Queue


def rows(first, count, dim=2):
    return torch.arange(first, first + count, dtype=torch.float32)[:, None].repeat(1, dim)


def held(queue, sensor):
    return sorted(queue.read(sensor)[:, 0].tolist())


def test_keeps_the_last_embeddings_of_either_sensor_apart():
    queue, expected = Queue(5, 2), {1: [], 2: []}
    for step in range(6):
        for sensor in (1, 2):
            batch = rows(100 * sensor + 3 * step, 3)
            queue.insert(sensor, batch)
            expected[sensor] = (expected[sensor] + batch[:, 0].tolist())[-5:]
        if step >= 1:
            assert held(queue, 1) == expected[1]
            assert held(queue, 2) == expected[2]


def test_is_full_only_when_every_sensor_that_matters_is():
    queue = Queue(4, 2)
    queue.insert(1, rows(0, 3))
    assert not queue.full((1,))
    queue.insert(1, rows(3, 1))
    assert queue.full((1, 1))
    assert not queue.full((1, 2))


def test_a_batch_longer_than_the_queue_leaves_its_last_rows():
    queue = Queue(3, 2)
    queue.insert(2, rows(0, 10))
    assert held(queue, 2) == [7, 8, 9]
    assert queue.full((2,))


def test_no_length_is_never_full():
    queue = Queue(0, 2)
    queue.insert(1, rows(0, 3))
    assert not queue.full((1,))


def test_inserted_embeddings_carry_no_gradient():
    queue = Queue(3, 2)
    queue.insert(1, rows(0, 3).requires_grad_())
    assert not queue.read(1).requires_grad


def test_contents_and_place_survive_saving():
    queue, copy = Queue(4, 2), Queue(4, 2)
    queue.insert(1, rows(0, 6))
    copy.load_state_dict(queue.state_dict())
    for each in (queue, copy):
        each.insert(1, rows(6, 1))
    assert torch.equal(queue.read(1), copy.read(1))
    assert held(copy, 1) == [3, 4, 5, 6]


def test_refuses_a_negative_length():
    with pytest.raises(PlantEduError, match="queue_length must be 0"):
        Queue(-1, 2)
