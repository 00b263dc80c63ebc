"""Slots whiten what is said; read together, who said it matters."""

import numpy as np
import pytest
import torch

from plantedu.models.denoiser import Noised
from plantedu.models.denoiser_body import MAP_SIDE, MAPS, Joint
from tests.models.test_denoiser import batch, denoiser
from tests.models.test_denoiser_start import measured

PAIR = {"one/h/rgb": 5, "one/h/rgn": 5}


def test_a_slot_brings_every_number_to_variance_one():
    model, rows = measured(0)
    slot = model.body.slots["one/h/rgb"]
    whitened = (rows - slot.mean) * slot.basis
    torch.testing.assert_close(whitened[:, [0, 1, 3, 4]].std(0), torch.ones(4))
    assert whitened[:, 2].abs().max() == 0, "a number that stands still says nothing"
    assert torch.equal(slot.basis, model.average.module.slots["one/h/rgb"].basis)


def test_a_slot_of_parts_whitens_as_the_covariance_says():
    model, rows = measured(3)
    slot = model.body.slots["one/h/rgb"]
    whitened = ((rows - slot.mean) @ slot.basis).double()
    torch.testing.assert_close(
        whitened.T @ whitened / 200, torch.eye(3).double(), atol=1e-4, rtol=0
    )
    variances = np.linalg.eigvalsh(np.cov(rows.numpy().T, bias=True))[::-1]
    kept = (whitened @ torch.linalg.pinv(slot.basis.double())).var(0, correction=0).sum()
    assert float(kept) == pytest.approx(variances[:3].sum(), rel=1e-4)


def test_two_pictures_read_together_are_not_their_sum():
    """The sum knows what was said, not of which picture; together, who said it matters."""
    x, times = torch.rand(2, 6, 8, 8), torch.rand(2)
    rows = torch.randn(2, 5, generator=torch.Generator().manual_seed(1))

    def swapped(**knobs):
        model = denoiser(slots=PAIR, **knobs).eval()
        with torch.no_grad():  # both slots say the same of the same
            model.body.slots["one/h/rgn"].load_state_dict(
                model.body.slots["one/h/rgb"].state_dict()
            )
        model.average.module.load_state_dict(model.body.state_dict())
        one = model.velocity(x, times, {"one/h/rgb": rows, "one/h/rgn": -rows})
        return one, model.velocity(x, times, {"one/h/rgb": -rows, "one/h/rgn": rows})

    torch.testing.assert_close(*swapped())
    one, other = swapped(joint=True)
    assert float((one - other).detach().abs().max()) > 1e-4


def test_read_together_a_plant_of_nothing_sees_nothing_and_every_weight_learns():
    model = denoiser(slots=PAIR, joint=True, output="picture").train()
    draw = torch.Generator().manual_seed(0)
    rows = {n: torch.randn(4, 5, generator=draw) for n in PAIR}
    kept = {n: torch.ones(4, dtype=torch.bool) for n in PAIR}
    one = batch()
    model.loss(Noised(one.images, rows, kept, one.times, one.noise)).total.backward()
    assert all(p.grad is not None for n, p in model.body.named_parameters() if "untold" not in n)
    none = {n: ~k for n, k in kept.items()}
    losses = [
        model.eval().loss(Noised(one.images, given, none, one.times, one.noise)).total
        for given in (rows, {n: r + 100 for n, r in rows.items()})
    ]
    assert losses[0] == losses[1]


def test_what_is_joined_is_a_vector_and_a_small_picture():
    mixed, drawn = Joint(16)(torch.zeros(3, 32))
    assert mixed.shape == (3, 16)
    assert drawn.shape == (3, MAPS, MAP_SIDE, MAP_SIDE)
