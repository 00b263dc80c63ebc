"""The denoiser: its targets by loops and by diffusers, its slots, its moving average."""

import pytest
import torch
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler

from plantedu.errors import PlantEduError
from plantedu.models.denoiser import ALONE, LEAST_TIME, Denoiser, Noised

SLOTS = {"one/h/rgb": 5, "two/h/rgb": 3}


def denoiser(**knobs):
    return Denoiser(**{"side": 8, "slots": SLOTS, "channels": (16, 32), "seed": 0} | knobs)


def batch(n=4, *, conditional=True, seed=0, side=8):
    draw = torch.Generator().manual_seed(seed)
    shape = (n, 6, side, side)
    given = {name: torch.randn((n, dim), generator=draw) for name, dim in SLOTS.items()}
    kept = {name: torch.full((n,), conditional) for name in SLOTS}
    images, noise = (torch.rand(shape, generator=draw), torch.randn(shape, generator=draw))
    return Noised(images, given, kept, torch.rand(n, generator=draw), noise)


def test_flow_is_the_straight_line_of_the_formula():
    one = batch()
    x_t, target = denoiser().noised(one.images, one.times, one.noise)
    for k in range(4):
        t = float(one.times[k])
        line = (1 - t) * one.images[k].double() + t * one.noise[k].double()
        torch.testing.assert_close(x_t[k].double(), line, atol=1e-6, rtol=0)
        slope = one.noise[k].double() - one.images[k].double()
        torch.testing.assert_close(target[k].double(), slope, atol=1e-6, rtol=0)


def test_v_is_what_diffusers_calls_velocity():
    one = batch()
    x_t, target = denoiser(prediction="v").noised(one.images, one.times, one.noise)
    oracle = DDPMScheduler(beta_schedule="squaredcos_cap_v2", prediction_type="v_prediction")
    steps = (one.times * 1000).long()
    torch.testing.assert_close(x_t, oracle.add_noise(one.images, one.noise, steps))
    torch.testing.assert_close(target, oracle.get_velocity(one.images, one.noise, steps))


def test_a_plant_that_is_told_nothing_does_not_see_what_is_given():
    model = denoiser().eval()
    one, other = batch(conditional=False), batch(conditional=False)
    strange = {name: rows + 100 for name, rows in other.given.items()}
    other = Noised(one.images, strange, one.kept, one.times, one.noise)
    assert model.loss(one).total == model.loss(other).total
    given = Noised(one.images, strange, batch(conditional=True).kept, one.times, one.noise)
    assert model.loss(given).total != model.loss(one).total


def test_where_the_network_puts_out_the_picture_its_direction_is_the_formula():
    model, one = denoiser(output="picture").eval(), batch()
    x_t, _ = model.noised(one.images, one.times, one.noise)
    found = model._run(model.body, x_t, one.times, one.given, {}, None)
    model.output = "target"
    out = model._run(model.body, x_t, one.times, one.given, {}, None).double()
    for k in range(4):
        t, x = float(one.times[k]), x_t[k].double()
        kept = (1 - t) * ALONE**2 / ((1 - t) ** 2 * ALONE**2 + t**2)
        expected = (x - (kept * x + out[k])) / max(t, LEAST_TIME)
        torch.testing.assert_close(found[k].double(), expected, atol=1e-4, rtol=1e-4)


def test_the_true_picture_gives_the_target_itself(monkeypatch):
    model, one = denoiser(output="picture").eval(), batch()
    x_0 = model.inward(one.images)
    times = one.times.clamp_min(LEAST_TIME)
    x_t, target = model.noised(x_0, times, one.noise)
    t = times[:, None, None, None]
    kept = (1 - t) * ALONE**2 / ((1 - t) ** 2 * ALONE**2 + t**2)
    monkeypatch.setattr(
        model.body, "forward", lambda *_: torch.pixel_unshuffle(x_0 - kept * x_t, model.fold)
    )
    found = model._run(model.body, x_t, times, one.given, one.kept, None)
    torch.testing.assert_close(found, target, atol=1e-4, rtol=1e-4)


def test_a_larger_side_keeps_its_signal_by_entering_smaller():
    """Means over 4 x 4 pixels of x_t at 16 px are, to a factor, x_t of the means at 4 px."""
    draw = torch.Generator().manual_seed(0)
    flat, noise = (
        torch.rand(64, 6, 1, 1, generator=draw),
        torch.randn(64, 6, 16, 16, generator=draw),
    )
    large, times = denoiser(side=16, fold=4, scale=1 / 4), torch.full((64,), 0.7)
    x_t, _ = large.noised(large.inward(flat.expand(-1, -1, 16, 16)), times, noise)
    means = torch.nn.functional.avg_pool2d(x_t, 4) * 4
    plain = denoiser()
    rest = means - 0.3 * plain.inward(flat)
    assert float(rest.std()) == pytest.approx(0.7, rel=0.05)
    torch.testing.assert_close(large.outward(large.inward(flat)), flat, atol=1e-5, rtol=0)


def test_the_average_is_the_loop_of_its_formula():
    model = denoiser(decay=0.9).train()
    weight = next(model.body.parameters())
    average, steps = None, 6
    for k in range(steps):
        model.loss(batch(seed=k))  # takes in the step before
        if k == 1:
            average = weight.detach().double().clone()
        elif k > 1:
            decay = min(0.9, (1 + k - 1) / (10 + k - 1))
            average = decay * average + (1 - decay) * weight.detach().double()
        with torch.no_grad():
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(k)))
    kept = next(model.average.module.parameters())
    torch.testing.assert_close(kept.double(), average, atol=1e-5, rtol=1e-5)
    before = kept.clone()
    model.eval().loss(batch())
    assert torch.equal(kept, before), "looking moves nothing"


def test_the_average_draws_and_every_weight_gets_a_gradient():
    model = denoiser().train()
    model.loss(batch()).total.backward()
    assert all(p.grad is not None for p in model.body.unet.parameters())
    with torch.no_grad():
        next(model.body.parameters()).add_(1.0)
    one = batch()
    drawn = model.velocity(one.images, one.times, {})
    fresh = denoiser().velocity(one.images, one.times, {})
    assert torch.equal(drawn, fresh), "the network moved, its average did not yet"


@pytest.mark.parametrize("low", [False, True])
def test_shapes_with_and_without_a_smaller_picture(low):
    model = denoiser(low=low, sensors="rgb")
    x = torch.rand(2, 3, 8, 8)
    assert model.velocity(x, torch.rand(2), {}, x if low else None).shape == x.shape


def test_the_same_seed_gives_the_same_weights_and_leaves_the_world_alone():
    before = torch.random.get_rng_state()
    one, same, other = denoiser(), denoiser(), denoiser(seed=1)
    assert torch.equal(torch.random.get_rng_state(), before)
    weights = [next(m.body.parameters()) for m in (one, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"three/h/rgb": torch.zeros(2, 5)}, "no slot 'three/h/rgb'"),
        ({"one/h/rgb": torch.zeros(2, 6)}, "5 numbers a picture"),
        ({"one/h/rgb": torch.full((2, 5), float("nan"))}, "NaN"),
    ],
)
def test_a_representation_that_cannot_be_is_refused(given, said):
    with pytest.raises(PlantEduError, match=said):
        denoiser().velocity(torch.rand(2, 6, 8, 8), torch.rand(2), given)


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"prediction": "epsilon"}, "flow, v"),
        ({"output": "noise"}, "target, picture"),
        ({"output": "picture", "prediction": "v"}, "flow matching"),
        ({"sensors": "x3"}, "both, rgb, rgn"),
        ({"side": 10}, "side that 4 divides"),
        ({"channels": (20, 32)}, "16 divides"),
    ],
)
def test_knobs_that_cannot_be_are_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        denoiser(**knobs)
