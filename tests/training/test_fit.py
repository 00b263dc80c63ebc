"""The loop: a known descent, stopping, resuming in the same bits, and a loss that explodes."""

from dataclasses import dataclass, field

import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.training.fit import Observer, Record, State, StopRun, fit, one_cycle
from plantedu.training.seeding import generator_for


@dataclass
class Loss:
    total: torch.Tensor
    parts: dict = field(default_factory=dict)
    events: tuple = ()


class Line(nn.Module):
    """Least squares on a line; its loss is known in closed form."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))

    def loss(self, batch):
        x, y = batch
        error = (x @ self.weight - y).square().mean()
        return Loss(error, {"error": error.detach()})


def batches(step):
    x = torch.randn(16, 3, generator=generator_for(0, "x", step))
    return x, x @ torch.tensor([1.0, -2.0, 0.5])


def new_state(steps=200):
    line = Line()
    return State(line, torch.optim.AdamW(line.parameters(), lr=0.1, weight_decay=0.0), steps)


def rate(step):
    return one_cycle(step, steps=200, peak=0.1, warmup=0.25)


class Stop(Observer):
    def __init__(self, step, reason):
        self.step, self.reason = step, reason

    def on_step(self, state, record):
        if record.step == self.step:
            raise StopRun(self.reason)


class Diary(Observer):
    def __init__(self):
        self.records: list[Record] = []
        self.events, self.ended = [], 0

    def on_step(self, state, record):
        self.records.append(record)

    def on_event(self, step, name, detail):
        self.events.append((step, name))

    def on_end(self, state):
        self.ended += 1


def test_reaches_the_known_weights_and_tells_every_step_once():
    state, diary = new_state(), Diary()
    marks = {50: ("learning-rate peak", "")}
    assert fit(state, batches, learning_rate=rate, observers=[diary], marks=marks) == "done"
    torch.testing.assert_close(
        state.objective.weight.data, torch.tensor([1.0, -2.0, 0.5]), atol=2e-3, rtol=0
    )
    assert [record.step for record in diary.records] == list(range(201))
    assert diary.events == [(50, "learning-rate peak")]
    assert diary.ended == 1


def test_a_group_with_a_share_gets_that_share_of_the_rate():
    state = new_state(1)
    state.optimizer.param_groups[0]["rate_share"] = 0.25
    fit(state, batches, learning_rate=lambda step: 0.08)
    assert state.optimizer.param_groups[0]["lr"] == pytest.approx(0.02)
    moved = state.objective.weight.detach().abs()  # the first step of Adam has the rate's length
    torch.testing.assert_close(moved, torch.full((3,), 0.02), atol=1e-6, rtol=0)


def test_resumed_run_ends_in_the_same_bits():
    whole = new_state()
    fit(whole, batches, learning_rate=rate)
    first = new_state()
    assert fit(first, batches, learning_rate=rate, observers=[Stop(77, "pause")]) == "pause"
    second = new_state()
    second.restore(*first.snapshot())
    assert second.step == 77
    fit(second, batches, learning_rate=rate)
    assert torch.equal(second.objective.weight, whole.objective.weight)


def test_snapshot_is_a_copy_that_later_steps_do_not_change():
    state = new_state()
    fit(state, batches, learning_rate=rate, observers=[Stop(5, "pause")])
    tensors, _ = state.snapshot()
    before = tensors["objective/weight"].clone()
    fit(state, batches, learning_rate=rate)
    assert torch.equal(tensors["objective/weight"], before)
    assert not torch.equal(state.objective.weight, before)


def test_snapshot_of_another_architecture_is_refused():
    state = new_state()
    with pytest.raises(PlantEduError, match="another architecture"):
        state.restore({"objective/weight": torch.zeros(4)}, {"step": 1})


def test_loss_that_is_not_finite_stops_with_a_sentence():
    def poisoned(step):
        x, y = batches(step)
        return x, y * (float("inf") if step == 3 else 1.0)

    diary = Diary()
    with pytest.raises(PlantEduError, match="at step 4: lower the learning rate"):
        fit(new_state(), poisoned, learning_rate=rate, observers=[diary])
    assert diary.records[-1].step == 3
    assert diary.events == [(4, "loss not finite")]
    assert diary.ended == 1


def test_one_cycle_peaks_where_it_says_and_ends_near_zero():
    rates = [one_cycle(step, steps=100, peak=2.0, warmup=0.25) for step in range(100)]
    assert rates[25] == max(rates) == 2.0
    assert rates[0] == pytest.approx(2.0 / 25)
    assert rates[-1] < 0.002


class Slow(Observer):
    """Has a number of step 0 that is ready only later."""

    def __init__(self):
        self.given = False

    def late(self, state):
        if self.given:
            return None
        self.given = True
        return Record(0, {"slow": 1.0})


@pytest.mark.parametrize("stopped", [False, True])
def test_late_numbers_come_after_the_first_step_and_before_the_end(stopped):
    diary = Diary()
    stop = [Stop(1, "pause")] if stopped else []
    fit(new_state(3), batches, learning_rate=rate, observers=[Slow(), diary, *stop])
    assert [record.step for record in diary.records] == ([0, 1, 0] if stopped else [0, 1, 0, 2, 3])
    assert diary.records[2].values == {"slow": 1.0}
