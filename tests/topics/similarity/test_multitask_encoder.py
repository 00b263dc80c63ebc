"""MultitaskObjective encoders: the list decides what is learned, the seed the rest."""

import numpy as np
import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.topics.similarity.multitask_encoder import MultitaskObjective, multitask_encoder

N = 24


@pytest.fixture(scope="module")
def plants():
    """Pictures whose brightness is a number and whose colour a class."""
    generator = np.random.default_rng(0)
    light, disease = generator.uniform(0.3, 1, N), generator.integers(0, 3, N)
    images = np.zeros((N, 3, 16, 16))
    images[np.arange(N), disease] = 255 * light[:, None, None]
    truth = {"light_rgb": light, "disease": disease, "soil_rgb": generator.uniform(0, 1, N)}
    return images.astype(np.uint8), truth


def train(plants, columns, seed=0, steps=4):
    return multitask_encoder(*plants, columns=columns, seed=seed, side=16, batch=12, steps=steps)


def test_the_same_seed_gives_the_same_encoder_and_another_seed_another(plants):
    one, same, other = (train(plants, ("disease",), seed=s) for s in (1, 1, 2))
    x = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(one(x), same(x))
        assert not torch.equal(one(x), other(x))
    assert not one.training


def test_the_loss_is_the_mean_over_factors_in_units_of_a_constant_answer(plants):
    objective = MultitaskObjective(make_encoder("res2next_tiny", seed=0), ("disease", "light_rgb"))
    images = torch.rand(9, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    truth = {"disease": torch.arange(9) % 3, "light_rgb": torch.linspace(-1.5, 1.5, 9)}
    with torch.no_grad():
        loss = objective.loss((images, truth))
    assert float(loss.parts["disease"]) == pytest.approx(1)  # zero readers: ln 3 / ln 3
    assert float(loss.total) == pytest.approx(np.mean([float(v) for v in loss.parts.values()]))
    assert set(loss.parts) == {"disease", "light_rgb"}


def test_what_is_told_is_learned(plants):
    encoder = train(plants, ("disease", "light_rgb"), steps=60)
    images = torch.from_numpy(plants[0]).float() / 255
    with torch.no_grad():
        h = encoder(images).double()
    h = torch.cat([h - h.mean(0), torch.ones(N, 1)], 1)
    classes = torch.nn.functional.one_hot(torch.from_numpy(plants[1]["disease"])).double()
    answers = h @ torch.linalg.lstsq(h, classes, driver="gelsd").solution
    assert (answers.argmax(1).numpy() == plants[1]["disease"]).mean() == 1


def test_nothing_to_tell_and_too_few_plants_are_said(plants):
    with pytest.raises(PlantEduError, match="one factor or more"):
        train(plants, ())
    with pytest.raises(PlantEduError, match="called 'nose'"):
        train(plants, ("nose",))
    with pytest.raises(PlantEduError, match="batch of 64 needs as many plants; got 24"):
        multitask_encoder(*plants, columns=("disease",), seed=0, side=16)
