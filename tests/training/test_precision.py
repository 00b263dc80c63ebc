"""Precisions: float16's scale, what an overflow does and leaves alone, and compiled encoders."""

from dataclasses import dataclass, field, replace

import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.training import precision, pretrain
from plantedu.training.fit import Observer, State, StopRun, fit
from plantedu.training.precision import (
    BACK,
    PRECISION,
    STANDS_IN,
    Arithmetic,
    NotFiniteError,
    check_finite,
    compiled,
    has_bfloat16,
)
from plantedu.training.recipe import Recipe
from plantedu.training.seeding import generator_for

SMALL = Recipe(
    pairs=32, image_size=16, crop_size=16, batch=8, steps=4, prototypes=4, hidden_dim=8,
    projection_dim=4, probe_factors=(), queue_length=8, queue_start=0.0,
)  # fmt: skip


@dataclass
class Loss:
    total: torch.Tensor
    parts: dict = field(default_factory=dict)
    events: tuple = ()


class Slope(nn.Module):
    """Two float16 layers; a batch scales the loss, so it decides whether gradients overflow."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))

    def loss(self, batch):
        x, factor = batch
        return Loss(self.layers(x).float().square().mean() * factor)


class Diary(Observer):
    def __init__(self, stop=None):
        self.stop, self.events, self.losses = stop, [], []

    def on_step(self, state, record):
        self.losses.append(record.values.get("loss"))
        if record.step == self.stop:
            raise StopRun("pause")

    def on_event(self, step, name, detail):
        self.events.append((step, name, detail))

    def on_end(self, state):
        self.snapshot = state.snapshot()


def state_of(precision="float16", steps=6):
    slope = Slope()
    optimizer = torch.optim.AdamW(slope.parameters(), lr=0.01)
    return State(slope, optimizer, steps, arithmetic=Arithmetic(precision))


def batches(step, large=()):
    x = torch.randn(8, 3, generator=generator_for(0, "x", step))
    return x, 1e4 if step in large else 1e-3


def run(state, diary=None, large=()):
    return fit(
        state,
        lambda step: batches(step, large),
        learning_rate=lambda step: 0.01,
        observers=[diary] if diary else [],
    )


def test_an_overflow_leaves_the_weights_and_halves_the_scale():
    state, diary = state_of(), Diary(stop=2)
    run(state, diary)
    before = {k: v.clone() for k, v in state.snapshot()[0].items()}
    state.steps = 3
    notes = Diary()
    run(state, notes, large=(2,))
    after = state.snapshot()
    assert all(torch.equal(after[0][name], before[name]) for name in before)
    assert notes.events == [(3, "fp16 overflow", "this update is skipped; scale is now 32768")]
    assert after[1]["loss_scale"]["scale"] == 32768.0
    state.steps = 4
    run(state, notes)
    assert any(not torch.equal(state.snapshot()[0][name], before[name]) for name in before)


def test_a_resumed_float16_run_ends_in_the_same_bits():
    large = (1, 4)
    whole, first, second = state_of(), state_of(), state_of()
    run(whole, large=large)
    diary = Diary(stop=3)
    assert run(first, diary, large=large) == "pause"
    second.restore(*diary.snapshot)
    assert second.arithmetic.scaler.get_scale() == 32768.0
    run(second, large=large)
    assert whole.snapshot()[1] == second.snapshot()[1]
    ends = whole.snapshot()[0], second.snapshot()[0]
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_without_a_scale_small_gradients_would_vanish():
    losses = {}
    for scaled in (True, False):
        state = state_of(steps=1)
        state.arithmetic.scaler = torch.amp.GradScaler("cpu", enabled=scaled)
        fit(state, lambda step: (batches(0)[0], 1e-9), learning_rate=lambda step: 0.01)
        grad = next(state.objective.parameters()).grad
        losses[scaled] = float(grad.abs().sum())
    assert losses[True] > 0.0 == losses[False]


def test_gradients_that_overflow_at_any_scale_stop_the_run():
    state, diary = state_of(steps=99), Diary()
    for weight in state.objective.parameters():
        weight.register_hook(lambda grad: grad * torch.inf)
    with pytest.raises(NotFiniteError, match="overflow at any scale"):
        run(state, diary)
    assert diary.events[-1][1] == "loss not finite"
    assert [event[1] for event in diary.events[:-1]] == ["fp16 overflow"] * 26


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_nothing_is_scaled_in_other_precisions(precision, monkeypatch):
    monkeypatch.setattr("plantedu.training.precision.has_bfloat16", lambda: True)
    state = state_of(precision)
    assert state.arithmetic.state() == {}
    assert "loss_scale" not in state.snapshot()[1]
    state.restore(*state_of("float16").snapshot())  # another precision's scale is no obstacle
    run(state)


def test_a_checkpoint_without_a_scale_can_go_on_in_float16():
    state = state_of("float16")
    state.restore(*state_of("float32").snapshot())
    assert state.arithmetic.scaler.get_scale() == 65536.0


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), -float("inf")])
def test_a_loss_that_is_no_number_is_named(loss):
    check_finite(1.0, 3)
    with pytest.raises(NotFiniteError, match="at step 3: lower the learning rate"):
        check_finite(loss, 3)


def losses(recipe, bank):
    diary = Diary()
    pretrain.train(recipe, bank_folder=bank, observers=[diary])
    return torch.tensor(diary.losses[1:])


@pytest.mark.parametrize("named", ["bfloat16", "float16"])
def test_half_precisions_compute_the_same_loss_less_exactly(tmp_path, named, monkeypatch):
    monkeypatch.setattr(precision, "has_bfloat16", lambda: True)
    exact = losses(replace(SMALL, steps=2), tmp_path)
    half = losses(replace(SMALL, steps=2, precision=named), tmp_path)
    assert half[0] != exact[0]
    torch.testing.assert_close(half[0], exact[0], rtol=0, atol=0.15)
    assert half.isfinite().all()


def test_a_compiled_encoder_trains_alike_and_keeps_its_names(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrain, "compiled", lambda body: compiled(body, backend="eager"))
    short = replace(SMALL, steps=2, encoder="test_resnet")
    plain = losses(short, tmp_path)
    torch.testing.assert_close(losses(replace(short, compile=True), tmp_path), plain)
    objective = pretrain.make_objective(SMALL)
    names = list(objective.state_dict())
    compiled(objective.encoder.body, backend="eager")
    assert list(objective.state_dict()) == names


def test_no_such_compiler_is_said(monkeypatch):
    with pytest.raises(PlantEduError, match="no backend 'gcc-99'"):
        compiled(nn.Linear(1, 1), backend="gcc-99")
    with pytest.raises(PlantEduError, match="compile must be true or false"):
        replace(SMALL, compile="yes")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PlantEduError, match="compile needs a C\\+\\+ compiler"):
        compiled(nn.Linear(1, 1))


def test_where_bfloat16_is_emulated_float32_stands_in_and_the_run_says_so(monkeypatch):
    """A denoiser's step took 16.5 s in place of 1.0 s on a processor with AVX2 alone."""
    monkeypatch.setattr(precision, "has_bfloat16", lambda: False)
    state, diary = state_of("bfloat16"), Diary()
    with state.arithmetic.forward():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
    run(state, diary)
    assert diary.events == [(1, PRECISION, STANDS_IN)], "once, at the first update"
    plain = state_of("float32")
    run(plain)
    ends = state.snapshot()[0], plain.snapshot()[0]
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_where_it_is_there_bfloat16_is_used(monkeypatch):
    monkeypatch.setattr(precision, "has_bfloat16", lambda: True)
    state, diary = state_of("bfloat16"), Diary()
    with state.arithmetic.forward():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
    run(state, diary)
    assert diary.events == []


def test_a_resumed_run_says_only_what_has_changed(monkeypatch):
    """Each resume would have been a happening at which a bump could be laid."""
    monkeypatch.setattr(precision, "has_bfloat16", lambda: False)
    first, diary = state_of("bfloat16"), Diary(stop=3)
    run(first, diary)
    assert [name for _, name, _ in diary.events] == [PRECISION]
    again, notes = state_of("bfloat16"), Diary()
    again.restore(*diary.snapshot)
    run(again, notes)
    assert notes.events == [], "as before"
    monkeypatch.setattr(precision, "has_bfloat16", lambda: True)
    elsewhere, notes = state_of("bfloat16"), Diary()
    elsewhere.restore(*diary.snapshot)
    run(elsewhere, notes)
    assert notes.events == [(4, PRECISION, BACK)], "another processor"


def test_a_run_that_float32_stood_in_for_can_go_on_in_float16(monkeypatch):
    monkeypatch.setattr(precision, "has_bfloat16", lambda: False)
    before, state, notes = state_of("bfloat16"), state_of("float16"), Diary()
    state.restore(*before.snapshot())
    run(state, notes)
    assert notes.events == [(1, PRECISION, BACK)]


def test_it_asks_onednn_and_believes_a_build_without_it(monkeypatch):
    class Silent:
        """No such question in this build."""

    assert has_bfloat16() is bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    monkeypatch.setattr(torch.ops, "mkldnn", Silent())
    assert has_bfloat16() is True
