"""Small networks follow the cue that their labels followed, as do() says; an untrained one none."""

import pytest
import torch

from plantedu.topics.report_card import networks
from plantedu.topics.report_card.networks import field_of


@pytest.fixture(scope="module")
def field():
    return field_of(3)


def test_do_says_what_each_network_uses(field):
    assert list(field.networks) == ["lesions", "mark", "neither"]
    used = {(n, c): field.used(n, c) for n in field.networks for c in field.masks}
    assert {key for key, is_used in used.items() if is_used} == {
        ("lesions", "lesions"),
        ("mark", "mark"),
    }


def test_plants_have_both_cues_and_maps_without_a_network_sum_to_one(field):
    assert len(field.batch) == networks.ASKED
    for mask in field.masks.values():
        assert mask.shape == (2, len(field.batch), networks.SIZE, networks.SIZE)
        assert mask.any((0, 2, 3)).all()
    for plain in field.plain.values():
        assert plain.sum((0, 2, 3)) == pytest.approx(1)


def test_a_seed_gives_the_same_network_again(field):
    views = torch.rand(2, 40, 3, 40, 40, generator=torch.Generator().manual_seed(0))
    has = torch.arange(40).numpy() % 2 == 0
    one, again, other = (networks.trained(views, has, seed, steps=3) for seed in (1, 1, 2))
    x = field.batch.both
    assert torch.equal(one(*x), again(*x))
    assert not torch.equal(one(*x), other(*x))


def test_what_is_not_trained_follows_no_label():
    views, labels = torch.rand(2, 8, 3, 40, 40), torch.arange(8).numpy() % 2 == 0
    one, other = (networks.trained(views, has, 5, steps=0) for has in (labels, ~labels))
    assert torch.equal(one(*views), other(*views))
