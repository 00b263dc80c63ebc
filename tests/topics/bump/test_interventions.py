"""Changes: nothing before their step, the stated thing from it on."""

import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.models.swav_loss import Loss
from plantedu.topics.bump.interventions import Change, FrozenStatistics, restarted, switched
from plantedu.training.fit import State, fit


class Normed(nn.Module):
    """A batch norm and a weight."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))

    def loss(self, batch):
        return Loss(self.layers(batch).square().mean(), {})


def trained(change, steps=8):
    """Running means after each step, and the final weights."""
    inner, seen = Normed(), []
    objective = FrozenStatistics(inner, change) if change else inner
    generator = torch.Generator().manual_seed(1)
    pictures = torch.randn(steps, 16, 3, generator=generator)
    state = State(objective, torch.optim.SGD(objective.parameters(), lr=0.1), steps)

    def batches(step):
        seen.append(inner.layers[1].running_mean.clone())
        return pictures[step]

    fit(state, batches, learning_rate=lambda step: 0.1)
    return torch.stack([*seen, inner.layers[1].running_mean]), inner.layers[0].weight


def test_a_rate_is_restarted_at_its_step():
    rate = restarted(lambda step: 0.1 * step, Change("rate_restart", 3), factor=4)
    assert [rate(step) for step in (2, 3, 4)] == pytest.approx([0.2, 1.2, 1.6])


def test_batches_are_switched_at_their_step():
    change = Change("data_switched", 2)
    batches = switched(lambda step: ("old", step), lambda step: ("new", step), change)
    assert [batches(step) for step in (1, 2)] == [("old", 1), ("new", 2)]


def test_statistics_move_until_the_change_and_then_stand_still():
    moved, _ = trained(Change("batchnorm_mode", 5))
    plain, _ = trained(None)
    assert torch.equal(moved[:6], plain[:6])
    assert torch.equal(moved[5], moved[8])
    assert not torch.equal(plain[5], plain[6])


def test_a_change_after_the_end_leaves_every_bit_as_it_was():
    assert torch.equal(trained(Change("batchnorm_mode", 99))[1], trained(None)[1])


@pytest.mark.parametrize(("kind", "at"), [("earthquake", 5), ("rate_restart", 0)])
def test_changes_that_cannot_be_are_refused(kind, at):
    with pytest.raises(PlantEduError, match="change"):
        Change(kind, at)


def test_a_rate_cannot_be_restarted_at_nothing():
    with pytest.raises(PlantEduError, match="above 0"):
        restarted(lambda step: 1.0, Change("rate_restart", 1), factor=0)
