"""The adder: the formula, the Fourier share of known embeddings, every unordered pair once."""

import math

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.bump.modular_network import ModularAdder, all_sums


def test_every_unordered_pair_stands_once_with_its_sum():
    sums = all_sums(7)
    pairs = {(int(a), int(b)) for a, b in zip(sums.a, sums.b, strict=True)}
    assert len(sums) == len(pairs) == 28
    assert all(a <= b for a, b in pairs)
    assert sums.answers.tolist() == [
        (int(a) + int(b)) % 7 for a, b in zip(sums.a, sums.b, strict=True)
    ]


def test_logits_are_the_formula_in_plain_loops():
    adder, sums = ModularAdder(5, width=3, hidden=4, seed=0).double(), all_sums(5)
    E, U = adder.embedding.detach(), adder.answers.detach()
    W, w = (adder.hidden[name].detach() for name in ("weight", "bias"))
    for k in range(len(sums)):
        summed = [float(E[sums.a[k], i] + E[sums.b[k], i]) for i in range(3)]
        inner = [sum(summed[i] * float(W[i, j]) for i in range(3)) + float(w[j]) for j in range(4)]
        wanted = [sum(max(inner[j], 0) * float(U[j, c]) for j in range(4)) for c in range(5)]
        assert adder(sums)[k].detach().tolist() == pytest.approx(wanted)


def test_one_rotation_has_all_its_power_in_one_frequency_and_noise_has_not():
    adder = ModularAdder(59, width=2, hidden=4, seed=0)
    assert adder.fourier(1) < 0.2
    turn = 2 * math.pi * 7 * torch.arange(59) / 59
    with torch.no_grad():
        adder.embedding.copy_(3 + torch.stack([turn.cos(), turn.sin()], 1))
    assert adder.fourier(1) == pytest.approx(1, abs=1e-5)


def test_a_mirrored_pair_is_the_same_question():
    adder, sums = ModularAdder(11, seed=1), all_sums(11)
    mirrored = type(sums)(sums.b, sums.a, sums.answers)
    assert torch.equal(adder(sums).argmax(1), adder(mirrored).argmax(1))
    assert float(adder.loss(sums).total.detach()) == pytest.approx(math.log(11), rel=0.1)


def test_norm_is_the_length_of_all_weights():
    adder = ModularAdder(5, width=2, hidden=3, seed=0)
    flat = torch.cat([weight.flatten() for weight in adder.parameters()])
    assert adder.norm() == pytest.approx(float(flat.detach().norm()))


@pytest.mark.parametrize(("prime", "width"), [(2, 4), (7, 0)])
def test_sizes_that_cannot_be_are_refused(prime, width):
    with pytest.raises(PlantEduError, match="or more"):
        ModularAdder(prime, width=width, seed=0)
