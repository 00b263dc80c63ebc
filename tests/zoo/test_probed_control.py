"""The random-init control beside live probes: the recipe's own readers, once, without a trace."""

from dataclasses import replace

import pytest
import torch

from plantedu.training.fit import Observer, Record, State
from plantedu.training.online_probes import features_of
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective, make_optimizer, make_probes, train
from plantedu.training.recipe import Recipe
from plantedu.zoo.probed_control import (
    WAITS,
    ProbedControl,
    control_scores,
    train_beside_control,
)
from plantedu.zoo.random_init import CONTROL_SEEDS, random_init

RECIPE = Recipe(
    pairs=48, image_size=16, crop_size=16, batch=8, prototypes=12, hidden_dim=16, steps=4,
    projection_dim=8, probe_plants=24, probe_factors=("disease", "bloom"), probe_every=4,
    probe_seeds=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="module")
def source(folder):
    return open_source(RECIPE, folder)


@pytest.fixture(scope="module")
def found(source):
    """What is read from the first control."""
    return control_scores(RECIPE, source)


def test_the_control_is_read_as_the_run_is(source, found):
    """Slow twin: the run's probes on the control's encoder, read without folded norms."""
    (probes,) = make_probes(RECIPE, source)
    encoder = random_init(RECIPE, source, CONTROL_SEEDS[0]).encoder
    probes._features = lambda one: {k: features_of(one, x) for k, x in probes.images.items()}
    plain = probes.episode(encoder, 0)
    assert set(found) == {n.replace("probe", "random") for n in plain if n.startswith("probe/")}
    for name, score in found.items():
        assert score == pytest.approx(plain[name.replace("random", "probe")][0], abs=1e-3)


def test_several_controls_give_their_mean_and_their_ends(source, found):
    other = control_scores(RECIPE, source, CONTROL_SEEDS[1:2])
    together = control_scores(RECIPE, source, CONTROL_SEEDS[:2])
    for name, summary in together.items():
        scores = [found[name], other[name]]
        assert summary == pytest.approx((sum(scores) / 2, min(scores), max(scores)))


def test_it_is_not_what_the_run_begins_with(source, found):
    """Step 0 of a run has batch norms that have seen nothing."""
    (probes,) = make_probes(RECIPE, source)
    start = probes.episode(make_objective(RECIPE).encoder, 0)
    assert any(found[n.replace("probe", "random")] != start[n][0] for n in start if "probe" in n)


class Recorder(Observer):
    def __init__(self):
        self.records = []

    def on_step(self, state, record):
        self.records.append(record)

    def losses(self):
        return [record.values["loss"] for record in self.records if "loss" in record.values]


def test_a_run_records_its_control_once_at_step_0_and_ends_in_the_same_bits(folder):
    recorder, plain = Recorder(), Recorder()
    with_it = train_beside_control(RECIPE, bank_folder=folder, observers=[recorder])
    without = train(RECIPE, bank_folder=folder, observers=[plain])
    late = [r for r in recorder.records if any(n.startswith("random/") for n in r.values)]
    assert [record.step for record in late] == [0]
    assert {n.split("/")[1] for n in late[0].values} == {"disease", "bloom"}
    assert recorder.losses() == plain.losses()
    assert with_it["last"]["loss"] == without["last"]["loss"]


def state_at(step):
    objective = make_objective(RECIPE)
    state = State(objective, make_optimizer(objective, RECIPE), RECIPE.steps)
    state.step = step
    return state


def test_a_resumed_run_has_its_control_already(folder):
    control, state = ProbedControl(RECIPE, folder), state_at(2)
    control.measure(state)
    assert [control.late(state) for _ in range(WAITS + 1)] == [None] * (WAITS + 1)


def test_the_first_steps_are_not_kept_waiting(folder):
    control, state = ProbedControl(RECIPE, folder), state_at(0)
    control.measure(state)
    assert [control.late(state) for _ in range(WAITS - 1)] == [None] * (WAITS - 1)
    assert isinstance(control.late(state), Record)
    assert control.late(state) is None


def test_a_run_without_probes_has_no_control(folder):
    blind = replace(RECIPE, probe_factors=())
    control, state = ProbedControl(blind, folder), state_at(0)
    control.measure(state)
    assert [control.late(state) for _ in range(WAITS)] == [None] * WAITS
    assert control_scores(blind, open_source(blind, folder)) == {}


def test_nothing_is_drawn_from_the_global_generator(source):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    control_scores(RECIPE, source)
    assert torch.equal(torch.rand(2), expected)
