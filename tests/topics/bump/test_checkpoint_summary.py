"""Portraits: by plant, the same as the methods that average, and the run's own queue beside."""

import numpy as np
import pytest

from plantedu.topics.bump.checkpoint_summary import checkpoint_summary
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler, make_pack
from plantedu.zoo.loaded_checkpoint import Stage

RECIPE = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=40, queue_length=16,
)  # fmt: skip


@pytest.fixture(scope="module")
def look(tmp_path_factory):
    source = open_source(RECIPE, tmp_path_factory.mktemp("bank"))
    pack = make_pack(RECIPE, source, plants=16, queue=16)

    def at(filled):
        objective = make_objective(RECIPE).eval()
        if filled:
            z = pack.seen_by(objective).z
            for sensor in (1, 2):
                objective.queue.insert(sensor, z[0])
        stage = Stage("a", 0, RECIPE, objective)
        return checkpoint_summary(
            stage, source, pack, factors=("disease", "light"), plants=32, probe_seeds=2
        )

    return at


def test_everything_is_by_plant(look):
    found = look(filled=False)
    assert list(found.readings) == ["disease", "light"]
    assert found.readings["disease"].unit == "accuracy"
    assert found.readings["disease"].scores.shape == (32,)
    assert set(np.unique(found.readings["disease"].scores)) <= {0.0, 0.5, 1.0}
    assert found.readings["light"].unit == "R2"
    assert found.h.shape == (32, 2 * found.stage.objective.encoder.dim)
    assert [z.shape for z in found.z] == [(32, 8)] * 2
    assert found.logged is found.seen


def test_the_runs_own_queue_is_another_ruler(look):
    found, ruler = look(filled=True), Ruler(queue=16, batch=8)
    fresh, own = (one.score(ruler).loss.mean() for one in (found.seen, found.logged))
    assert abs(fresh - own) > 1e-4
    assert np.array_equal(
        found.seen.score(Ruler(batch=8)).loss, found.logged.score(Ruler(batch=8)).loss
    )
