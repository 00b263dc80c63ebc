"""captum's metrics, through ours."""

import torch

from plantedu.topics.attribution.infidelity import infidelity, sensitivity
from plantedu.topics.attribution.methods import method


def test_a_linear_networks_slope_is_faithful(linear, pair):
    def drawn():
        return torch.Generator().manual_seed(0)

    slope = tuple(w[1].float().expand(3, -1, -1, -1) for w in (linear.w1, linear.w2))
    found = infidelity(linear, pair, slope, 1, generator=drawn())
    assert found.shape == (3,)
    assert found.abs().max() < 1e-6
    wrong = infidelity(linear, pair, (-slope[0], slope[1]), 1, generator=drawn())
    assert (wrong > 1e-3).all()


def test_a_linear_networks_slope_is_steady_and_its_product_is_not(linear, convolved, pair):
    drawn = [torch.Generator().manual_seed(0) for _ in range(4)]
    steady = sensitivity(method("smoothgrad"), linear, pair, 1, generator=drawn[0])
    shaky = sensitivity(method("gxi"), linear, pair, 1, generator=drawn[1])
    assert steady.max() < 1e-5
    assert (shaky > 1e-3).all()
    one, again = (sensitivity(method("ig"), convolved, pair, 1, generator=g) for g in drawn[2:])
    assert torch.equal(one, again)
