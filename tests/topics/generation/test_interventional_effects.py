"""Total effects: a known decomposition, the plain loop, nothing moved by do() of what is there."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.errors import PlantEduError
from plantedu.topics.generation.interventional_effects import effects

PLANTS = np.arange(24)


def brightness(x1, x2):
    return torch.stack([torch.from_numpy(x).float().mean((1, 2, 3)) for x in (x1, x2)], 1)


def run(phis, columns, plants=PLANTS):
    generator = np.random.default_rng(0)
    return effects(World(), plants, phis, side=16, columns=columns, generator=generator)


def test_light_of_a_camera_moves_its_own_brightness_and_nothing_else():
    phis = {
        "rgb": lambda a, b: brightness(a, b)[:, :1],
        "rgn": lambda a, b: brightness(a, b)[:, 1:],
    }
    found = run(phis, ("light_rgb", "light_rgn", "mesophyll"))
    assert found.total("rgb", "light_rgb") > 0.3
    assert found.total("rgb", "light_rgn") == 0
    assert found.total("rgb", "mesophyll") == 0
    assert found.total("rgn", "light_rgn") > 0.1
    assert all(one == 0 for moved in found.unmoved.values() for one in moved.values())


def test_total_effect_equals_a_plain_loop():
    found = run({"all": brightness}, ("soil_rgb",))
    drawn = draw_factors(World(), PLANTS)["soil_rgb"]
    pairs = render(World(), PLANTS, size=16)
    phi = brightness(pairs.x1, pairs.x2).double().numpy()
    V = phi.var(0, ddof=1).sum()
    order = np.random.default_rng(0).permutation(PLANTS)
    for place, plant in enumerate(order):
        value = drawn[order[place - 1]]
        other = render(World(), [int(plant)], size=16, do={"soil_rgb": float(value)})
        moved = brightness(other.x1, other.x2).double().numpy()[0] - phi[plant]
        assert found.moved["all"]["soil_rgb"][plant] == pytest.approx((moved**2).sum() / (2 * V))


def test_a_sum_of_independent_factors_has_indices_that_add_up_to_one():
    """phi = factors themselves: each index is the factor's share of the variance."""
    world, names = World(), ("angle", "width")
    drawn = draw_factors(world, np.arange(400))
    total = {}
    rng = np.random.default_rng(1)
    phi = drawn["angle"] / 10 + 2 * drawn["width"]
    for name, weight in zip(names, (0.1, 2), strict=True):
        redrawn = phi + weight * (drawn[name][rng.permutation(400)] - drawn[name])
        total[name] = ((redrawn - phi) ** 2).mean() / (2 * phi.var(ddof=1))
    assert sum(total.values()) == pytest.approx(1, abs=0.12)


def test_lesions_are_tried_on_diseased_plants_alone():
    found = run({"all": brightness}, ("severity", "width"))
    healthy = draw_factors(World(), PLANTS)["disease"] == 0
    assert np.isnan(found.moved["all"]["severity"]).tolist() == healthy.tolist()
    assert np.isfinite(found.moved["all"]["width"]).all()
    assert found.total("all", "severity") > 0


def test_bad_input_is_refused():
    with pytest.raises(PlantEduError, match="at least 8 plants; got 4"):
        run({"all": brightness}, ("angle",), plants=np.arange(4))
    with pytest.raises(PlantEduError, match="'still' is the same for every plant"):
        run({"still": lambda a, b: torch.ones(len(a), 2)}, ("angle",))
