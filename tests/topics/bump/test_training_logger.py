"""The training logger: a run ends in the same bits with it, rows and looks where they belong."""

import numpy as np
import pytest
import torch

from plantedu.data.crops import CropBatch
from plantedu.errors import PlantEduError
from plantedu.models.classifier import LabelledCrops
from plantedu.topics.bump.training_logger import TrainingLogger, fed, in_training_mode, parts_of
from plantedu.training.fit import State, fit
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import crops_of_step, make_objective, make_optimizer
from plantedu.training.recipe import Recipe

RECIPE = Recipe(
    pairs=32, image_size=16, crop_size=16, batch=8, steps=6, prototypes=6, hidden_dim=8,
    projection_dim=4, probe_plants=16, freeze_prototypes=4,
)  # fmt: skip


def nosy(objective):
    """An exam that would move batch norm if nobody put it back."""
    with in_training_mode(objective):
        objective.encoder(torch.rand(4, 3, 16, 16))
    return {"first": 1.0}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return open_source(RECIPE, tmp_path_factory.mktemp("bank"))


def run(source, *observers):
    objective = make_objective(RECIPE)
    state = State(objective, make_optimizer(objective, RECIPE), RECIPE.steps)
    fit(
        state,
        lambda step: crops_of_step(RECIPE, source, "cpu", step),
        learning_rate=lambda step: 1e-3,
        observers=observers,
    )
    return objective.state_dict()


def test_a_run_with_a_witness_ends_in_the_same_bits(source):
    logger = TrainingLogger(nosy, every=2)
    plain, watched = run(source), run(source, logger)
    assert all(torch.equal(plain[name], watched[name]) for name in plain)
    found = logger.arrays()
    assert found["row/step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert found["look/step"].tolist() == [2, 4, 6]
    assert found["look/moved/last"].tolist()[:2] == [0, 0]  # frozen for four steps
    assert found["look/moved/last"][2] > 0
    assert (found["look/moved/encoder"] > 0).all()
    parts = found["row/entropy"] + found["row/divergence"]
    assert parts == pytest.approx(found["row/loss"], rel=1e-4)


def test_rows_can_be_further_apart_and_looks_fall_on_them(source):
    logger = TrainingLogger(nosy, every=4, row_every=2)
    run(source, logger)
    assert logger.arrays()["row/step"].tolist() == [2, 4, 6]
    with pytest.raises(PlantEduError, match="whole number of rows"):
        TrainingLogger(nosy, every=3, row_every=2)


def test_parts_are_all_weights_once():
    objective = make_objective(RECIPE)
    parts = parts_of(objective)
    weights = sum(weight.numel() for weight in objective.parameters())
    assert sum(len(v) for n, v in parts.items() if n != "statistics") == weights
    assert torch.equal(parts["last"], objective.prototypes.detach().flatten())


def test_what_was_fed_is_told_by_band_and_agreement():
    large = torch.rand(2, 5, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    large[1] = large[0]
    values = fed(CropBatch(large, (1, 2)))
    assert values["fed/rows"] == 5
    assert values["fed/red"] == pytest.approx(float(large[:, :, 0].mean()))
    assert values["fed/agreement"] == pytest.approx(1, abs=1e-5)
    assert values["fed/sensors"] == pytest.approx(0, abs=1e-6)
    labelled = LabelledCrops(large[:1], torch.rand(5, 2), torch.zeros(5, dtype=torch.long))
    assert fed(labelled)["fed/rows"] == 5
    assert fed({"arm": np.zeros(7)}) == {"fed/rows": 7}
