"""Measures at both ends: a checkpoint against itself changes nothing."""

import numpy as np
import pytest
import torch

from plantedu.statistics.intervals import difference_interval
from plantedu.topics.bump.checkpoint_summary import checkpoint_summary
from plantedu.topics.bump.event_measures import alike, changes
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler, make_pack
from plantedu.zoo.loaded_checkpoint import Stage

RECIPE = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=40,
)  # fmt: skip
RULERS = (Ruler(batch=8), Ruler(queue=16, batch=8))


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Portraits of one random network and of one whose projector is another one."""
    source = open_source(RECIPE, tmp_path_factory.mktemp("bank"))
    pack = make_pack(RECIPE, source, plants=16, queue=16)
    found = []
    for seed in (0, 1):
        objective = make_objective(RECIPE).eval()
        if seed:
            with torch.no_grad():
                generator = torch.Generator().manual_seed(seed)
                for weight in objective.projector.parameters():
                    weight.add_(0.3 * torch.randn(weight.shape, generator=generator))
        stage = Stage(str(seed), 0, RECIPE, objective)
        found.append(
            checkpoint_summary(stage, source, pack, factors=("disease",), plants=32, probe_seeds=1)
        )
    return found


def test_nothing_changes_between_a_checkpoint_and_itself(two):
    for change in changes([two[0]] * 4, RULERS):
        assert change.evidence.value == change.evidence.null == 0
        low, high = change.evidence.interval
        if change.unit == "accuracy":  # of 48 plants that stayed, one in twelve may yet move
            assert (low, high) == difference_interval(np.zeros(change.evidence.n))
        else:
            assert (low, high) == (0, 0)
        assert change.ends[0] == change.ends[1] == change.control_ends[0]
    for found in alike([two[0]] * 4).values():
        assert found.value == pytest.approx(1)


def test_what_moved_is_in_z_and_in_the_codes_not_in_h(two):
    one, other = two
    by_name = {c.name: c for c in changes([one, other, one, one], RULERS)}
    assert by_name["disease, read from h"].evidence.value == 0
    assert by_name["directions that z fills"].evidence.value != 0
    assert by_name["H(q), no queue, batch 8"].evidence.value != 0
    assert all(change.evidence.null == 0 for change in by_name.values())
    layers = alike([one, other, one, one])
    assert layers["h"].value == pytest.approx(1)
    assert layers["z"].value < 0.999
    low, high = layers["z"].interval
    assert low < layers["z"].value < high


def test_values_are_those_of_the_rulers(two):
    one, other = two
    by_name = {c.name: c for c in changes([one, other, other, one], RULERS)}
    score = one.seen.score(RULERS[1])
    entropy = by_name["H(q), queue of 16, batch 8"]
    assert entropy.ends[0] == pytest.approx(score.entropy.mean())
    assert entropy.evidence.null == pytest.approx(-entropy.evidence.value)
    usage = by_name["prototypes in use, no queue, batch 8"]
    assert 0 < usage.ends[0] <= 1
    mean = np.mean([by_name[f"RG{a} finds its RG{b} among 32"].ends[0] for a, b in ("BN", "NB")])
    assert 0 < mean < 1
    assert by_name["RGB finds its RGN among 32"].chance == pytest.approx(
        sum(1 / k for k in range(1, 33)) / 32
    )
