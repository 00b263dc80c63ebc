"""An encoder taken apart: rows are marked, features are questions, a file reads back."""

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.dictionary_training import (
    Bench,
    dictionary_from,
    dissected,
    load_dictionary,
)
from plantedu.topics.neurons.results.dictionary import Settings
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint

SETTINGS = Settings(width=24, k=3, steps=30, plants=64)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(SETTINGS, tmp_path_factory.mktemp("bank"), first=0, judged=96)


@pytest.fixture(scope="module")
def found(bench):
    return dissected(bench, "random:0")


def test_every_place_of_both_sensors_trains_it(found, bench):
    assert found.x.shape == (64 * 4 * 2, 512)
    assert found.curve[0][0] == 1
    assert found.curve[-1][0] == 30
    assert "24 directions share 512 activations" in found.warning
    assert {"disease: blast", "mark", "angle"} <= set(bench.questions)
    assert "mesophyll" not in bench.questions


def test_rows_stand_beside_neurons_and_components(found):
    mine = found.row("dictionary")
    neurons, pca = found.baselines()
    assert 0 < mine.fvu < 1
    assert mine.l0 <= 3
    assert pca.fvu < neurons.fvu  # the best linear few
    assert set(mine.auroc) == set(pca.auroc)
    assert all(0 <= a <= 1 for a in mine.auroc.values())


def test_two_seeds_agree_less_than_a_seed_with_itself(found, bench):
    other = dissected(bench, "random:0", seed=1)
    value, null = found.agreement(other)
    assert found.agreement(found)[0] == pytest.approx(1, abs=1e-5)
    assert 0 < value < 1
    assert 0 < null < 1


def test_gaussian_numbers_are_two_dictionaries_of_the_same_settings(found):
    like = found.gaussian_agreement()
    assert 0 < like < 1
    assert like == found.gaussian_agreement()
    calls = []
    found.gaussian_agreement(lambda: calls.append(1))
    assert len(calls) == 2 * SETTINGS.steps


def test_features_name_their_question_and_plants(found):
    best = found.features(5)
    assert abs(best[0].auroc - 0.5) >= abs(best[-1].auroc - 0.5)
    assert all(one.question in found.bench.questions for one in best)
    assert all(0 <= plant < 96 for one in best for plant in one.tops)


def test_a_dictionary_reads_back_and_others_are_refused(found, tmp_path):
    path = tmp_path / "d.safetensors"
    found.save(path)
    model, words = load_dictionary(path)
    assert words == "random:0"
    x = found.flat[:8]
    assert torch.allclose(model.rebuilt(model.codes(x)), found.rebuilt[:8], atol=2e-2)
    tensors, meta = load_checkpoint(path)
    with pytest.raises(PlantEduError, match="another shape"):
        dictionary_from(tensors, meta | {"dim": 7})
    save_checkpoint(path, {"w": torch.zeros(1)}, {})
    with pytest.raises(PlantEduError, match="holds no dictionary"):
        load_dictionary(path)
