"""The upscaler: begins as the cubic, its loss as plain loops, refusals, global random state."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.pair_upscaler import EDGES, TIMES, Enlarged, PairUpscaler, enlarged


def pairs(n=2, side=6, seed=0):
    return torch.rand(n, 6, side, side, generator=torch.Generator().manual_seed(seed))


def moved(network):
    with torch.no_grad():
        network.last.weight.normal_(0, 0.05, generator=torch.Generator().manual_seed(3))
    return network


def test_fresh_it_is_the_cubic_and_constant_colours_stay():
    small = pairs()
    network = PairUpscaler(width=4, blocks=1)
    assert network(small).shape == (2, 6, 6 * TIMES, 6 * TIMES)
    assert torch.equal(network(small), enlarged(small))
    grey = torch.full((1, 6, 5, 5), 0.25)
    assert torch.allclose(enlarged(grey), torch.full((1, 6, 20, 20), 0.25), atol=1e-6)


def test_each_pixel_becomes_a_square_of_its_own_channels():
    """The last convolution's sixteen channels of a band are the pixels of one square, in order."""
    network = PairUpscaler(width=4, blocks=1)
    with torch.no_grad():
        network.last.bias.copy_(torch.arange(96.0))
    added = network(torch.zeros(1, 6, 2, 2))
    for band in range(6):
        wanted = (16 * band + torch.arange(16.0)).view(4, 4)
        assert torch.equal(added[0, band, :4, 4:], wanted)


def test_its_loss_is_that_of_plain_loops():
    network, batch = (
        moved(PairUpscaler(width=4, blocks=2)),
        Enlarged(pairs(), pairs(side=24, seed=1)),
    )
    y, wanted = network(batch.small).detach(), batch.large
    error = sum(
        abs(a - b) for a, b in zip(y.ravel().tolist(), wanted.ravel().tolist(), strict=True)
    )
    edges = []
    for way in ((0, 1), (1, 0)):
        total, count = 0.0, 0
        for row in range(24 - way[0]):
            for column in range(24 - way[1]):
                step = [
                    one[:, :, row + way[0], column + way[1]] - one[:, :, row, column]
                    for one in (y, wanted)
                ]
                total += float((step[0] - step[1]).abs().sum())
                count += step[0].numel()
        edges.append(total / count)
    found = network.loss(batch)
    assert float(found.total.detach()) == pytest.approx(
        error / y.numel() + EDGES * sum(edges), rel=1e-4
    )
    assert set(found.parts) == {"absolute error", "error of edges"}


def test_what_it_draws_is_in_range_and_does_not_depend_on_the_portions():
    network, small = moved(PairUpscaler(width=4, blocks=1)), pairs(5)
    whole = network.draw(small)
    assert float(whole.min()) >= 0
    assert float(whole.max()) <= 1
    assert torch.allclose(network.draw(small, at_once=2), whole, atol=1e-6)


def test_the_same_seed_gives_the_same_weights_and_leaves_the_global_state():
    before = torch.random.get_rng_state()
    one, same, other = (PairUpscaler(width=4, blocks=1, seed=s).first.weight for s in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_what_cannot_be_is_a_sentence():
    with pytest.raises(PlantEduError, match="six bands; got 3"):
        PairUpscaler(width=4, blocks=1)(torch.zeros(1, 3, 8, 8))
    with pytest.raises(PlantEduError, match="1 or more"):
        PairUpscaler(width=0)
