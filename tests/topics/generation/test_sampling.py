"""Samplers: the exact answer where the velocity is known, noise, cancelling, guidance."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.denoiser import Denoiser
from plantedu.topics.generation.sampling import SAMPLERS, sample

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of diffusers
SLOTS = {"one/h/rgb": 4}
EVERY = [(prediction, name) for prediction, known in SAMPLERS.items() for name in known]


def denoiser(**knobs):
    return Denoiser(
        **{"side": 8, "slots": SLOTS, "channels": (16, 16), "decay": None, "seed": 0} | knobs
    ).eval()


def draw(model, given=None, *, seed=0, **how):
    how = {"samples": 3, "steps": 4} | how
    return sample(model, given or {}, generator=torch.Generator().manual_seed(seed), **how)


@pytest.mark.parametrize(("prediction", "name"), EVERY)
def test_where_all_pictures_are_one_every_sampler_finds_it(prediction, name, monkeypatch):
    model = denoiser(prediction=prediction)
    picture = torch.rand((6, 8, 8), generator=torch.Generator().manual_seed(1)) * 0.8 + 0.1
    x_0 = model.inward(picture)

    def exact(x_t, times, given, low=None):
        t = times[:, None, None, None]
        if prediction == "flow":
            return (x_t - x_0) / t.clamp_min(1e-9)
        share = model.kept_share[(times * 1000).long().clamp(0, 999)][:, None, None, None]
        a, s = share.sqrt(), (1 - share).sqrt()
        return a * (x_t - a * x_0) / s - s * x_0

    monkeypatch.setattr(model, "velocity", exact)
    seen = []
    drawn = draw(model, sampler=name, steps=6, watch=lambda step, x: seen.append((step, x)))
    torch.testing.assert_close(drawn, picture.expand_as(drawn), atol=0.02, rtol=0)
    assert [step for step, _ in seen] == list(range(1, len(seen) + 1))
    torch.testing.assert_close(seen[0][1], picture.expand_as(drawn), atol=0.02, rtol=0)


def test_noise_is_the_same_whatever_is_told_and_rows_may_share_it(monkeypatch):
    model = denoiser()
    monkeypatch.setattr(model, "velocity", lambda x, t, given, low=None: torch.zeros_like(x))
    two = {"one/h/rgb": torch.randn(2, 4)}
    own, again, other = draw(model, two), draw(model, {"one/h/rgb": torch.ones(2, 4)}), draw(model)
    assert torch.equal(own, again)
    assert torch.equal(own[:1], other)
    assert not torch.equal(own[0], own[1])
    shared = draw(model, two, shared=True)
    assert torch.equal(shared[0], shared[1])


def test_what_is_told_reaches_the_right_rows():
    model, rows = denoiser(), torch.randn(2, 4)
    both = draw(model, {"one/h/rgb": rows}, shared=True)
    alone = draw(model, {"one/h/rgb": rows[1:]}, shared=True)
    torch.testing.assert_close(both[1], alone[0], atol=1e-5, rtol=0)
    assert not torch.allclose(both[0], both[1])
    assert both.shape == (2, 3, 6, 8, 8)
    assert 0 <= both.min() <= both.max() <= 1


def test_a_wish_to_stop_ends_the_drawing_between_two_passes():
    calls = []

    def check():
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw(denoiser(), steps=8, check=check)
    assert len(calls) == 3


def test_guidance_goes_on_from_the_untold_velocity(monkeypatch):
    model = denoiser()
    conditional, unconditional = torch.full((), 0.3), torch.full((), 0.1)
    monkeypatch.setattr(
        model,
        "velocity",
        lambda x, t, given, low=None: (conditional if given else unconditional).expand_as(x),
    )
    given = {"one/h/rgb": torch.zeros(1, 4)}
    one, three = (model.inward(draw(model, given, steps=1, guidance=w)) for w in (1.0, 3.0))
    inside = (one.abs() < 1.5) & (three.abs() < 1.5)  # clipped pixels say nothing
    torch.testing.assert_close((one - three)[inside], torch.full_like(one[inside], 0.4))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"sampler": "ddim"}, "euler, shifted, heun, dpm, unipc"),
        ({"steps": 0}, "Between 1 and 250"),
        ({"samples": 0}, "At least one"),
        ({"low": torch.zeros(1, 6, 8, 8)}, "no `low`"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(how, said):
    with pytest.raises(PlantEduError, match=said):
        draw(denoiser(), **how)


def test_slots_of_different_plants_are_refused():
    model = denoiser(slots={"a/h/rgb": 4, "b/h/rgb": 4})
    with pytest.raises(PlantEduError, match="the same plants"):
        draw(model, {"a/h/rgb": torch.zeros(1, 4), "b/h/rgb": torch.zeros(2, 4)})
