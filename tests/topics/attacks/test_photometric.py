"""Another light: the cameras' own curve, its range, and what a radius of 0 leaves alone."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer import cameras
from plantedu.data.renderer.factors import factor
from plantedu.errors import PlantEduError
from plantedu.topics.attacks.photometric import GAIN, KNOBS, Physical, linear, relit, tone
from plantedu.topics.attacks.threat_model import Budget


def test_the_curve_is_the_cameras_own():
    x = torch.linspace(0, 2, cameras._LEVELS)
    table = cameras.tone() / 255
    np.testing.assert_allclose(tone(x).numpy(), table, atol=1e-5)


def test_the_curve_is_undone():
    y = torch.linspace(0.001, 0.97, 200)
    torch.testing.assert_close(tone(linear(y)), y, atol=1e-4, rtol=0)


def test_the_range_of_the_gain_is_that_of_light_in_the_worlds():
    f = factor("light")
    assert pytest.approx(np.log(f.high / f.low) / 2, abs=1e-3) == GAIN


def test_knobs_at_zero_and_a_radius_of_zero_change_nothing():
    x = torch.rand(2, 3, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 0.9
    knobs = torch.ones(2, 3, KNOBS)
    for k, r in ((0 * knobs, 1.0), (knobs, 0.0)):
        torch.testing.assert_close(relit(x, k, torch.tensor(r)), x, atol=1e-4, rtol=0)


def test_more_light_is_brighter_and_a_shadow_darker():
    x = torch.full((2, 1, 3, 8, 8), 0.4)
    bright, dark = torch.zeros(2, 1, KNOBS), torch.zeros(2, 1, KNOBS)
    bright[..., 0] = 1
    dark[..., 2] = 1
    assert (relit(x, bright, torch.tensor(1.0)) > x).all()
    shaded = relit(x, dark, torch.tensor(1.0))
    assert (shaded < x - 0.05).any()
    assert (shaded <= x + 1e-4).all()


def test_only_the_attacked_sensor_is_lit_anew(bent, views, goal, draw):
    found = Physical(tries=8, thorough=True)(
        bent, views, goal, Budget.on("rgn", 1.0), generator=draw()
    )
    assert not (found.views[0] != found.clean[0]).any()
    assert (found.views[1] != found.clean[1]).any()


def test_an_unknown_kind_is_refused():
    with pytest.raises(PlantEduError, match="gain, light, shadow, all"):
        Physical(kind="rain")


def test_its_null_is_one_light_of_full_size_at_random(bent, views, goal, draw):
    null = Physical(tries=60, thorough=True).null()
    budget = Budget.on("both", 1.0)
    found = [null(bent, views, goal, budget, generator=draw(k)) for k in range(8)]
    assert max(one.size_255.max() for one in found) > 60  # not the small steps of a second half
    assert all(one.forwards == 2 * views.shape[1] for one in found)
