"""One landscape: walks start at the checkpoint and leave it as it was; two are not compared."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.bump.frozen_targets import targets_of
from plantedu.topics.bump.landscape import difference, measured
from plantedu.topics.bump.results.llc import Coefficient
from plantedu.topics.bump.sgld import Sampler
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import make_objective
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler, make_pack
from plantedu.zoo.loaded_checkpoint import Stage

RECIPE = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32,
)  # fmt: skip


def found(value, function="a"):
    return Coefficient("x", function, 1.0, value, (value,), ((0.0,),), True, "")


def test_two_functions_are_not_compared():
    assert difference(found(2.0), found(5.0)) == 3
    with pytest.raises(PlantEduError, match="two functions, whose coefficients cannot be compared"):
        difference(found(2.0), found(5.0, "b"))
    with pytest.raises(PlantEduError, match="lower the step size"):
        difference(found(2.0), found(None))


def test_a_walk_is_around_the_checkpoint_and_leaves_it(tmp_path):
    source = open_source(RECIPE, tmp_path)
    pack = make_pack(RECIPE, source, plants=16)
    objective = make_objective(RECIPE).eval()
    seen, ruler = pack.seen_by(objective), Ruler(batch=8)
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    sampler = Sampler(step_size=1e-6, n_beta=10, localisation=1e4, draws=8, burn_in=2)
    stage = Stage("x", 0, RECIPE, objective)
    walk = measured(stage, "f", pack, targets_of(seen, ruler), sampler, batch=8, chains=2, seed=0)
    assert walk.start == pytest.approx(seen.score(ruler).loss.mean(), rel=1e-5)
    assert [len(trace) for trace in walk.traces] == [10, 10]
    assert all(abs(trace[0]) < 1e-5 for trace in walk.traces)
    assert walk.value == pytest.approx(sum(walk.chains) / 2)
    assert all(torch.equal(v, before[k]) for k, v in objective.state_dict().items())
