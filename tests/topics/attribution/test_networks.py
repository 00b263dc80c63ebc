"""Networks by name, and fresh plants that have both cues."""

import numpy as np
import pytest
import torch

from plantedu.data.renderer.worlds import draw_factors
from plantedu.errors import PlantEduError
from plantedu.topics.attribution.networks import Networks, Plants, twins
from plantedu.topics.attribution.results.names import CUE_NETWORKS

PLANTS = Plants(True, "", 3)


@pytest.fixture(scope="module")
def subjects():
    return Networks(None, labelled=16)


def test_plants_have_both_cues_and_nobody_has_seen_them():
    factors = draw_factors(PLANTS.world, PLANTS.indices)
    assert (factors["disease"] > 0).all()
    assert (factors["mark"] == 1).all()
    assert PLANTS.indices.min() >= 4096
    field = Plants(False, "brown", 4)
    assert (draw_factors(field.world, field.indices)["disease"] == 2).all()


def test_masks_lie_where_do_moves_pixels():
    masks = PLANTS.masks
    assert masks["lesions"].any((2, 3)).all()
    assert not masks["mark"][0].any(), "RGB never has a mark in this world"
    assert masks["mark"][1].any((1, 2)).all()
    assert not masks["mark"][1, :, :48, :48].any()
    moved = torch.stack(PLANTS.without["lesions"].both).numpy() - PLANTS.views
    inside = np.abs(moved).max(2)[masks["lesions"]]
    assert (inside > 4 / 255).mean() > 0.8


def test_a_network_and_its_random_twin(subjects):
    batch = PLANTS.batch
    scored, fresh = (subjects.scored("lesions-0", control=k) for k in (0, 1))
    assert scored.names == ("healthy", "diseased")
    assert (scored(*batch.both)[:, 1] > 0).all()
    assert not torch.allclose(scored(*batch.both), fresh(*batch.both))
    assert subjects.scored("lesions-0") is scored, "loaded once"
    assert all(twins(name) for name in CUE_NETWORKS)


def test_scores_of_an_encoder(subjects):
    batch = PLANTS.batch
    alike = subjects.scored("cross-0", "similarity")(*batch.both)
    assert alike.shape == (3, 1)
    assert subjects.scored("cross-0", "prototype").outputs == 64
    assert subjects.scored("random-0", "similarity")(*batch.both).shape == (3, 1)
    assert not twins("cross-0")


def test_controls_are_the_one_random_init(subjects):
    """Weights by CONTROL_SEEDS, batch norms settled: they were unsettled, by seeds of their own."""
    for name in ("lesions-0", "supervised_both-0", "cross-0", "random-0"):
        one, other = (subjects.scored(name, control=k) for k in (1, 2))
        norms = [m for m in one.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        assert norms
        assert all(not torch.allclose(m.running_mean, 0 * m.running_mean) for m in norms), name
        batch = PLANTS.batch
        assert not torch.allclose(one(*batch.both), other(*batch.both))
        assert not torch.allclose(subjects.scored(name)(*batch.both), one(*batch.both))
    weights = dict(subjects.scored("cross-0", "similarity", control=1).named_parameters())
    wanted = dict(subjects.scored("random-0", "similarity").named_parameters())
    assert all(torch.equal(x, wanted[name]) for name, x in weights.items())
    with pytest.raises(PlantEduError, match="numbered 1 to 5; got 6"):
        subjects.scored("cross-0", control=6)


@pytest.mark.parametrize(
    ("name", "target", "said"),
    [
        ("resnet", "class", "No network 'resnet'; there are lesions-0"),
        ("lesions-0", "similarity", "no prototypes and no embedding"),
        ("cross-0", "neuron", "class, prototype, similarity; got 'neuron'"),
    ],
)
def test_what_is_not_there(subjects, name, target, said):
    with pytest.raises(PlantEduError, match=said):
        subjects.scored(name, target)
