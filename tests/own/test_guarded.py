"""One's own function in a world: copies, a seed, the sentence for what goes wrong."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.own.guarded import Guarded


def spoils(x):
    x *= 0


def trains(net):
    net.train()


def learns(net):
    net.weight.data += 1


def resizes(x):
    x.resize_(1)


@pytest.mark.parametrize(
    ("own", "given"),
    [
        (spoils, np.ones(3)),
        (spoils, torch.ones(3)),
        (resizes, torch.ones(3)),
        (trains, nn.Linear(2, 2).eval()),
        (learns, nn.Linear(2, 2)),
    ],
)
def test_what_changes_its_inputs_is_told_and_the_world_is_whole(own, given):
    before = given.state_dict()["weight"].clone() if isinstance(given, nn.Module) else given * 1
    with pytest.raises(PlantEduError, match=r"World 7: .* changed its argument 1"):
        Guarded(own)(7, given)
    after = given.state_dict()["weight"] if isinstance(given, nn.Module) else given
    assert (before == after).all()


def test_gradients_are_no_change():
    def slope(x):
        x.requires_grad_()
        (x**2).sum().backward()
        return x.grad

    with torch.no_grad():
        assert torch.equal(Guarded(slope)(0, torch.ones(2)), torch.full((2,), 2.0))


def test_random_numbers_are_the_world_s_and_states_are_put_back():
    def draws(seed):
        return seed, random.random(), np.random.random(), torch.rand(1).item()  # noqa: NPY002

    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # noqa: NPY002
    one, two, other = (Guarded(draws)(world) for world in (4, 4, 5))
    assert one == two
    assert one[0] == 4
    assert all(a != b for a, b in zip(one, other, strict=True))
    assert states[:2] == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
    assert torch.equal(states[2], torch.get_rng_state())


def test_what_raises_is_a_sentence_with_the_world():
    with pytest.raises(PlantEduError, match="World 3: <lambda> raised ZeroDivisionError: div"):
        Guarded(lambda: 1 / 0)(3)
    with pytest.raises(PlantEduError, match="World 3: <lambda> raised TypeError"):
        Guarded(lambda: 1)(3, 2)
    assert Guarded(np.exp)(0, 0.0) == 1.0  # written in C


def test_an_answer_is_numbers_of_a_shape():
    own = Guarded(lambda: 0)
    assert own.array(0, torch.ones(2, requires_grad=True), (2,), what="two").dtype == np.float64
    for answer, said in (
        (np.ones(3), r"shape \(3,\); expected two numbers, \(2,\)"),
        (np.array([1, np.inf]), "1 numbers that are not finite"),
        (["a", "b"], "gave a list; expected two numbers"),
    ):
        with pytest.raises(PlantEduError, match=f"World 9: .*{said}"):
            own.array(9, answer, (2,), what="two numbers")
