"""Exams: each number against the objective's own loss, and nothing moved by measuring."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from plantedu.data.crops import CropBatch
from plantedu.models.classifier import PairClassifier
from plantedu.models.encoders import make_encoder
from plantedu.topics.bump.evaluation_callback import AdderExam, ClassifierExam, SwavExam, probed
from plantedu.topics.bump.modular_training import split_sums, start_adders
from plantedu.topics.bump.results.grokking import Adding
from plantedu.training.linear_probe import Target
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import crops_of_step, make_objective
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler, make_pack

RECIPE = Recipe(
    pairs=32, image_size=16, crop_size=16, batch=8, steps=4, prototypes=6, hidden_dim=8,
    projection_dim=4, probe_plants=16, queue_length=16,
)  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return open_source(RECIPE, tmp_path_factory.mktemp("bank"))


def bits(module):
    return [tensor.clone() for tensor in module.state_dict().values()]


def unmoved(module, before):
    pairs = zip(before, module.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_a_swav_exam_scores_as_the_objective_does_in_either_mode(source):
    objective = make_objective(RECIPE)
    pack = make_pack(RECIPE, source, plants=16)
    target = Target("d", "rgb", 2, torch.arange(8) % 2, torch.arange(8) % 2)
    images = torch.rand(16, 3, 16, 16)
    exam = SwavExam(pack, Ruler(batch=8), Ruler(batch=8, queue=16), images, target)
    before = bits(objective)
    found = exam(objective)
    assert unmoved(objective, before)
    assert np.isnan(found["last"])  # its queue is empty
    assert found["first"] == pytest.approx(found["plants"].mean())
    halves = [CropBatch(part, (1, 2)) for part in pack.crops.large.split(8, 1)]
    objective.train()
    wanted = np.mean([float(objective.loss(half).total.detach()) for half in halves])
    assert found["train_mode"] == pytest.approx(wanted, rel=1e-4)
    for step in range(2):
        objective.loss(crops_of_step(RECIPE, source, "cpu", step))
    assert np.isfinite(exam(objective)["last"])


def test_a_probe_reads_what_is_there_and_guesses_what_is_not():
    codes = torch.arange(200) % 2
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(200, 4, generator=generator)
    target = Target("d", "rgb", 2, codes[:100], codes[100:])
    assert probed(noise + 3 * codes[:, None], target)["accuracy/test"] > 0.95
    assert abs(probed(noise, target)["accuracy/test"] - 0.5) < 0.2


def test_a_classifier_exam_is_the_cross_entropy_in_either_mode():
    torch.manual_seed(0)
    model = PairClassifier(make_encoder("res2next_tiny", seed=0), classes=2, sensors="rgb", seed=0)
    views, labels = torch.rand(1, 8, 3, 16, 16), torch.arange(8) % 2
    exam = ClassifierExam(views, labels, views[:, :4], labels[:4], 4, last_views=1 - views)
    before = bits(model)
    found = exam(model)
    assert unmoved(model, before)
    assert model.training
    with torch.no_grad():
        logits = model.eval()(views)
        model.train()
        parts = torch.cat([model(part) for part in views.split(4, 1)])
    assert found["train_mode"] == pytest.approx(float(F.cross_entropy(parts, labels)), rel=1e-4)
    assert found["first"] == pytest.approx(float(F.cross_entropy(logits, labels)), rel=1e-4)
    assert found["accuracy/test"] == float((logits.argmax(1) == labels).float().mean())
    assert found["last"] != found["first"]


def test_an_adder_exam_is_the_loss_on_its_test_pairs():
    settings = Adding(prime=7, width=4, hidden=8)
    train, test = split_sums(settings)
    adders = start_adders(settings, ("decay",)).objective
    found = AdderExam("decay", train, test, 5)(adders)
    wanted = float(adders.arms["decay"].loss(test).total.detach())  # type: ignore[union-attr]
    assert found["first"] == found["last"] == pytest.approx(wanted)
    assert found["plants"].shape == (5,)
