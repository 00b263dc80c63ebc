"""captum's methods through our family: closed forms, slow twins, one contract for all."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from captum import attr

from plantedu.errors import PlantEduError
from plantedu.topics.attribution.methods import FAMILY, method
from plantedu.topics.attribution.pair import PairBatch, reference
from plantedu.topics.attribution.results.names import METHODS
from plantedu.topics.attribution.targets import Scored

SMALL = {"occlusion": {"window": 4, "stride": 4}, "smoothgrad": {"samples": 3}, "ig": {"steps": 16}}


def made(name, scored, pair, target=1, seed=0, **knobs):
    how = method(name, **{**SMALL.get(name, {}), **knobs})
    return how(scored, pair, target, generator=torch.Generator().manual_seed(seed))


def test_the_family_is_what_the_page_offers():
    assert [one.name for one in FAMILY] == list(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_one_contract_for_all(name, convolved, pair):
    torch.manual_seed(9)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    one, again = (made(name, convolved, pair) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert one.signed.shape == one.relevance.shape == (2, 3, 8, 8)
    assert (one.relevance >= 0).all()
    assert np.array_equal(one.signed, again.signed)
    assert np.allclose(
        one.signed, sum(torch.stack(one.bands).double().numpy()[:, :, k] for k in range(3))
    )


@pytest.mark.parametrize("against", ["black", "blur", "mean"])
def test_on_a_linear_network_maps_are_weight_times_input(linear, pair, against):
    start = reference(pair, against)
    for s, (x, x0, w) in enumerate(zip(pair.both, start, (linear.w1, linear.w2), strict=True)):
        wanted = (w[1] * (x - x0)).numpy()
        found = made("ig", linear, pair, against=against)
        assert np.allclose(found.bands[s].numpy(), wanted, atol=1e-6)
        assert np.allclose(found.delta, 0, atol=1e-5)
        if against == "black":
            assert np.allclose(made("gxi", linear, pair).bands[s].numpy(), wanted, atol=1e-6)


def test_occlusion_on_a_linear_network_is_the_sum_of_the_window(linear, pair):
    found = made("occlusion", linear, pair, against="mean")
    for s, (x, x0, w) in enumerate(
        zip(pair.both, reference(pair, "mean"), (linear.w1, linear.w2), strict=True)
    ):
        wanted = w[1] * (x - x0)
        for rows in (slice(0, 4), slice(4, 8)):
            for columns in (slice(0, 4), slice(4, 8)):
                total = wanted[:, :, rows, columns].sum((1, 2, 3))
                seen = found.bands[s][:, :, rows, columns]
                assert torch.allclose(
                    seen, total.float()[:, None, None, None].expand_as(seen), atol=1e-4
                )


def test_smoothgrad_of_a_linear_network_is_its_weight(linear, pair):
    found = made("smoothgrad", linear, pair)
    assert np.allclose(found.bands[1][0].numpy(), linear.w2[1].numpy(), atol=1e-5)


def test_gradient_shap_lies_between_its_references(linear, pair):
    found = made("gradshap", linear, pair, noise=0.0, samples=64).signed.sum((0, 2, 3))
    starts = [linear(*reference(pair, kind))[:, 1] for kind in ("black", "blur", "mean")]
    s = linear(*pair.both)[:, 1].numpy()
    lows = s - max(float(one.max()) for one in starts)
    highs = s - min(float(one.min()) for one in starts)
    assert (found > lows - 1e-4).all()
    assert (found < highs + 1e-4).all()


def test_integrated_gradients_against_a_plain_loop(convolved, pair):
    twin = copy.deepcopy(convolved).double()
    found = made("ig", convolved, pair, steps=64, against="mean")
    x, x0 = (torch.stack(both).double() for both in (pair.both, reference(pair, "mean")))
    total = torch.zeros_like(x)
    for k in range(400):
        at = (x0 + (k + 0.5) / 400 * (x - x0)).requires_grad_()
        total += torch.autograd.grad(twin(at[0], at[1])[:, 1].sum(), at)[0] / 400
    wanted = ((x - x0) * total).detach()
    apart = (found.bands[0] - wanted[0]).abs().max()
    assert apart < 0.02 * wanted.abs().max()
    moved = (twin(*x) - twin(*x0))[:, 1].numpy()
    assert np.allclose(found.signed.sum((0, 2, 3)), moved + found.delta, atol=1e-5)


def test_integrated_gradients_is_captums(convolved, pair):
    wanted = attr.IntegratedGradients(convolved).attribute(
        pair.both, baselines=reference(pair, "blur"), target=0, n_steps=16
    )
    found = made("ig", convolved, pair, target=0, against="blur")
    assert torch.allclose(found.bands[0], wanted[0].float(), atol=1e-6)


def test_gradcam_against_its_formula(convolved, pair):
    found = made("gradcam", convolved, pair)
    kept = []
    hook = convolved.encoder.body.layer2.register_forward_hook(lambda m, i, o: kept.append(o))
    x = torch.cat(pair.both).requires_grad_()
    score = convolved(*x.chunk(2))[:, 1].sum()
    hook.remove()
    slopes = torch.autograd.grad(score, kept[0])[0]
    cam = F.relu((slopes.mean((2, 3), keepdim=True) * kept[0]).sum(1, keepdim=True)).detach()
    wanted = F.interpolate(cam, (8, 8), mode="bilinear")[:, 0].unflatten(0, (2, 3)).numpy()
    assert np.allclose(found.signed, wanted, atol=1e-6)


class OneRelu(Scored):
    """v . relu(W x), of both pictures flat."""

    outputs = 1

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        self.w = torch.randn(5, 6 * 64, generator=generator)
        self.v = torch.tensor([1.0, -2.0, 3.0, -1.0, 0.5])
        self.act = torch.nn.ReLU(inplace=True)

    def forward(self, x1, x2):
        return (self.act(torch.cat([x1, x2], 1).flatten(1) @ self.w.T) @ self.v)[:, None]


def test_guided_backprop_cuts_negative_slopes_off(pair):
    scored = OneRelu().eval()
    found = made("guided", scored, pair, target=0)
    x = torch.cat(pair.both, 1).flatten(1)
    wanted = ((x @ scored.w.T > 0) * scored.v.clamp_min(0)) @ scored.w
    bands = torch.cat(found.bands, 1).flatten(1)
    assert torch.allclose(bands, wanted, atol=1e-5)
    assert scored.act.inplace, "the network itself is left as it was"


@pytest.mark.parametrize("name", METHODS)
def test_a_plants_map_does_not_depend_on_its_neighbours(name, convolved, pair):
    """GradientSHAP took its random references from all plants of a chunk: 18 % off."""
    many = PairBatch(*(torch.cat([x[1:], x.flip(3), x.flip(2), x[:1]]) for x in pair.both))
    alone = made(name, convolved, pair.rows(slice(0, 1))).signed
    among = made(name, convolved, many).signed[:, -1:]
    assert np.allclose(alone, among, atol=1e-6 + 1e-4 * np.abs(alone).max())


def test_gradient_shap_against_a_plain_loop(linear, pair):
    """On a linear network the map is w (x - the mean of the references that were drawn)."""
    found = made("gradshap", linear, pair, noise=0.0, samples=400)
    for s, w in enumerate((linear.w1, linear.w2)):
        starts = torch.stack([reference(pair, kind)[s] for kind in ("black", "blur", "mean")])
        wanted = w[1] * (pair.both[s] - starts.mean(0))
        apart = (found.bands[s] - wanted).abs().max() / wanted.abs().max()
        assert apart < 0.1, "400 draws of three references: their shares are off by 2.4 % each"


def test_many_plants_are_the_same_in_chunks(convolved, pair):
    many = PairBatch(pair.x1.repeat(4, 1, 1, 1), pair.x2.repeat(4, 1, 1, 1))
    found = made("ig", convolved, many).signed
    assert np.allclose(found[:, :3], found[:, 9:], atol=1e-5)
    assert np.allclose(found[:, :3], made("ig", convolved, pair).signed, atol=1e-5)


def test_a_map_of_nothing_has_no_share_and_is_refused(linear, pair):
    bare = PairBatch(torch.cat([0 * pair.x1, pair.x1]), torch.cat([0 * pair.x2, pair.x2]))
    found = made("gxi", linear, bare)
    assert np.isnan(found.sensor_share).tolist() == [True] * 3 + [False] * 3
    with pytest.raises(PlantEduError, match="this is 0 everywhere for 3 of 6"):
        found.require_some("this")
    made("gxi", linear, pair).require_some("this")
    one = made("gxi", linear, PairBatch(pair.x1, 0 * pair.x2))
    assert one.sensor_share.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("name", "knobs", "said"),
    [
        ("ig", {"steps": 0}, "steps must be 1 or more"),
        ("occlusion", {"window": 2, "stride": 3}, "stride from 1"),
        ("gxi", {"steps": 3}, "no knob steps"),
        ("lime", {}, "No method 'lime'; there are gxi"),
    ],
)
def test_impossible_knobs(name, knobs, said):
    with pytest.raises(PlantEduError, match=said):
        method(name, **knobs)


def test_what_a_network_cannot_answer(linear, convolved, pair):
    with pytest.raises(PlantEduError, match="no output 7; it has 0 one, 1 other"):
        made("ig", convolved, pair, target=7)
    with pytest.raises(PlantEduError, match="this network has none"):
        made("guided", linear, pair)
    with pytest.raises(PlantEduError, match="window of 12 is larger"):
        made("occlusion", linear, pair, window=12, stride=12)
    with pytest.raises(PlantEduError, match=r"These fit: .*layer2"):
        made("gradcam", convolved, pair, layer="global_pool")


def test_a_cancel_is_heard_between_chunks(linear, pair):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        method("gxi")(linear, pair, 0, generator=torch.Generator(), check=stop)
