"""Layers are handed out and replaced: one plant at a time by a hook says the same; refusals."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.exchange import exchanged, orthonormal
from plantedu.topics.neurons.exchangeable_networks import open_network


def pictures(network, n, seed):
    g = torch.Generator().manual_seed(seed)
    return torch.rand(len(network.sensors), n, 3, network.side, network.side, generator=g)


@pytest.mark.parametrize(("words", "site"), [("cues/mark-0", "stage 3"), ("cross-0", "hidden")])
def test_one_plant_at_a_time_by_a_hook_of_ones_own(words, site):
    """Slow twin: the donor's output kept, the base's replaced in a loop over places and views."""
    network = open_network(words)
    base, donor = pictures(network, 3, 0), pictures(network, 3, 1)
    x, d = (network.layer(v, site) for v in (base, donor))
    g = torch.Generator().manual_seed(2)
    basis = orthonormal(torch.randn(2, x.shape[2], generator=g))
    fast = network.answer_with(base, site, exchanged(x, d, basis))
    module, many = network.at(site), len(network.sensors)
    for plant in range(3):
        kept = []
        handle = module.register_forward_hook(lambda _, __, out: kept.append(out.clone()))  # noqa: B023
        network.answer(donor[:, [plant]])
        handle.remove()

        def swap(_, __, out, kept=kept):
            new, dim = (
                out.clone().flatten(2) if out.ndim > 2 else out.clone()[..., None],
                out.shape[1],
            )
            given = kept[0].reshape(new.shape)
            for place in range(new.shape[2]):
                mine = torch.cat([new[view, :, place] for view in range(many)])
                theirs = torch.cat([given[view, :, place] for view in range(many)])
                for k in range(basis.shape[1]):
                    mine = mine + float((theirs - mine) @ basis[:, k]) * basis[:, k]
                for view in range(many):
                    new[view, :, place] = mine[view * dim : (view + 1) * dim]
            return new.reshape(out.shape)

        handle = module.register_forward_hook(swap)
        slow = network.answer(base[:, [plant]])
        handle.remove()
        # Other batch sizes choose other kernels: float32 sums differ in their last digits.
        assert torch.allclose(fast[plant], slow[0], atol=2e-4, rtol=2e-4)


@pytest.mark.parametrize("words", ["cues/lesions-0", "supervised_rgb-0", "cross-0"])
def test_a_layer_put_back_changes_nothing_and_a_donors_layer_is_the_donor(words):
    network = open_network(words)
    base, donor = pictures(network, 4, 0), pictures(network, 4, 1)
    for site in network.sites:
        x, d = (network.layer(v, site) for v in (base, donor))
        assert torch.allclose(network.answer_with(base, site, x), network.answer(base), atol=1e-5)
        assert torch.allclose(network.answer_with(base, site, d), network.answer(donor), atol=1e-5)


def test_hooks_are_gone_afterwards_and_the_mode_is_as_it_was():
    network = open_network("cross-0")
    x = pictures(network, 2, 0)
    before, modules = network.answer(x), [id(m) for m in network.module.modules()]
    with pytest.raises(RuntimeError):
        network.answer_with(x, "h", torch.zeros(2, 1, 7))
    with pytest.raises(PlantEduError, match="3 rows stand for 2 plants"):
        network.answer_with(x, "h", torch.zeros(3, 1, 512))
    assert torch.equal(network.answer(x), before)
    assert not any(m._forward_hooks for m in network.module.modules())
    assert [id(m) for m in network.module.modules()] == modules


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nose-0", "No checkpoint 'nose-0' ships"),
        ("scratch", "scratch"),
        ("reader-0", "answers nothing"),
    ],
)
def test_words_that_name_no_network_are_refused(words, said):
    with pytest.raises(PlantEduError, match=said):
        open_network(words)


def test_a_layer_and_a_sensor_that_are_not_there_are_refused():
    network = open_network("cross-0")
    with pytest.raises(PlantEduError, match="stage 4, h, hidden; got 'stage 9'"):
        network.layer(pictures(network, 2, 0), "stage 9")
    with pytest.raises(PlantEduError, match="rgb or rgn; got 'nir'"):
        open_network("cross-0", sensor="nir")
