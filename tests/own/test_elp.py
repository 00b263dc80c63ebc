"""ELP in a loop: it changes no bit, knows its nulls, lets go, shows itself, and finds bumps."""

import random

import numpy as np
import pytest
import torch
from torch import nn

import plantedu as pe
from plantedu.errors import PlantEduError
from tests.own.loops import hooks, net, trained


def test_the_loop_ends_in_the_same_bits_and_nothing_of_it_is_touched():
    plain, watched = net(), net()
    elp = pe.ELP(layers=["0", "2"], classes=3, learning_rate=0.3)
    trained(plain)
    states = torch.get_rng_state()
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    others = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    with elp.watch(watched):
        trained(watched, elp)
    for one, other in zip(plain.state_dict().values(), watched.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    assert torch.equal(states, torch.get_rng_state())
    assert others == (np.random.get_state()[1].tolist(), random.getstate())  # noqa: NPY002
    assert (watched.training, hooks(watched)) == (True, 0)
    assert [one.grad is None for one in watched.parameters()] == [False] * 6


def test_hooks_are_gone_after_an_exception_and_the_user_s_stay():
    model, elp = net(), pe.ELP(layers=["0"], classes=3)
    seen = []
    model.register_forward_hook(lambda *_: seen.append(1))

    def broken():
        with elp.watch(model):
            trained(model, elp, passes=1, fail=0)

    with pytest.raises(KeyError):
        broken()
    assert hooks(model) == 1
    assert len(seen) == 4  # the twin calls nobody's hooks
    with elp.watch(model):  # and it can watch again
        assert hooks(model) == 3


def test_the_probe_reads_what_is_there_and_its_nulls_do_not():
    elp, model = pe.ELP(layers=["0", "2"], classes=3, learning_rate=0.3, every=4), net()
    with elp.watch(model):
        trained(model, elp, passes=10)
    table = elp.to_frame()
    last = table[(table.step > 10) & (table.step <= 16)].mean()  # the end of the first episode
    for layer in ("0", "2"):
        assert last[f"probe/{layer}"] > 0.8
        assert last[f"null/{layer}"] < 0.6
        assert abs(last[f"start/{layer}"] - last[f"probe/{layer}"]) < 0.5
    assert table["start/0"].notna().sum() == 16
    assert elp.restarts == [16, 32]
    assert 1 / 3 <= last["chance"] < 0.5
    assert {"loss", "gap/0", "null/2"} <= set(table)
    assert "running mean" in elp.chart().alt
    assert "started anew 2 times" in elp.chart().alt
    assert set(elp.axes) >= {"loss", "probe/LAYER", "null/LAYER", "chance"}


def test_an_episode_by_batches_validation_and_bumps():
    elp, model = pe.ELP(layers="0", classes=2, episode=15, start=False, null=None), nn.Sequential()
    model.append(nn.Linear(2, 2))
    y = torch.arange(8) % 2
    with elp.watch(model):
        for k in range(80):
            model(torch.randn(8, 2))
            elp.step(y, loss=(2.0 if k < 40 else 1.0) + 0.02 * ((k * 7) % 5))
        model(torch.randn(8, 2))
        elp.valid(y)
        assert elp.end_pass() is False
    assert elp.restarts == [15, 30, 45, 60, 75]
    assert set(elp.to_frame()) == {"step", "loss", "probe/0", "chance", "valid/0"}
    (bump,) = elp.bumps().search.bumps
    assert abs(bump.step - 41) <= 2
    with pytest.raises(PlantEduError, match="there is loss, probe/0"):
        elp.bumps("acc")


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"layers": [], "classes": 3}, "Name a layer"),
        ({"layers": ["a", "a"], "classes": 3}, "same name"),
        ({"layers": ["0"], "classes": 1}, "2 or more"),
        ({"layers": ["0"], "classes": 3, "null": "random"}, "'shuffled' or None"),
        ({"layers": ["0"], "classes": 3, "show": "web"}, "notebook, app"),
        ({"layers": ["0"], "classes": 3, "every": 0}, "1 or more"),
    ],
)
def test_what_cannot_be_probed_is_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        pe.ELP(**knobs)


def test_a_layer_that_is_not_there_leaves_no_hook():
    model, elp = net(), pe.ELP(layers=["0", "7"], classes=3)
    with pytest.raises(PlantEduError, match="no layer '7'"), elp.watch(model):
        pass
    assert hooks(model) == 0
