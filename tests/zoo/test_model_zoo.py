"""The line-up: plants nobody has seen, and words that are refused."""

import numpy as np
import pytest
import torch

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError
from plantedu.zoo.model_zoo import ModelZoo, Plot, supervised


@pytest.fixture(scope="module")
def zoo():
    return ModelZoo(Plot(None, size=16, labelled=40))


def test_attacked_plants_are_not_those_of_the_heads(zoo):
    fresh = zoo.plot.fresh(5)
    assert fresh.min() >= FIRST_HELD_OUT > zoo.plot.labelled
    assert zoo.plot.views(fresh).shape == (2, 5, 3, 16, 16)


def test_heads_of_all_readings_answer(zoo):
    views = zoo.plot.views(zoo.plot.fresh(4)).float() / 255
    for reads in ("both", "rgb", "late"):
        model = zoo.namer("cross-0", reads)
        assert model(views).shape == (4, 3)
        assert not any(part.training for part in model.modules())
    assert zoo.embedder("cross-0")(views).shape == (4, 2, 64)
    assert zoo.watched("cross-0")(views).shape == (4, 4)


def test_a_random_encoder_is_not_the_trained_one(zoo):
    trained, random = (zoo.objective(name) for name in ("cross-0", "random-0"))
    one, other = (next(o.encoder.parameters()) for o in (trained, random))
    assert not torch.equal(one, other)


def test_the_supervised_network_is_what_ships():
    model, side = supervised("supervised_both-0")
    assert model.sensors == "both"
    assert side == 64
    assert np.isfinite(float(model.head[-1].weight.detach().sum()))


def test_words_that_name_nothing_are_refused(zoo):
    with pytest.raises(PlantEduError, match="both, late, rgb, rgn"):
        zoo.namer("cross-0", "third eye")
    with pytest.raises(PlantEduError, match="cannot read 'rgb'"):
        zoo.namer("supervised_both-0", "rgb")
    with pytest.raises(PlantEduError, match="No encoder"):
        zoo.embedder("supervised_both-0")
    with pytest.raises(PlantEduError, match="from 1 to"):
        zoo.plot.fresh(0)
