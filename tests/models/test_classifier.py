"""The classifier: what a row is, what freezing keeps, and how deep each weight lies."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from plantedu.errors import PlantEduError
from plantedu.models.classifier import VIEWS_OF, LabelledCrops, PairClassifier, stages
from plantedu.models.encoders import make_encoder

SIDE = 16


def classifier(sensors="both", encoder="res2next_tiny", **knobs):
    return PairClassifier(
        make_encoder(encoder, seed=0), classes=3, sensors=sensors, seed=1, **knobs
    )


def batch(sensors="both", rows=6, seed=0):
    generator = torch.Generator().manual_seed(seed)
    views = torch.rand(VIEWS_OF[sensors], rows, 3, SIDE, SIDE, generator=generator)
    labels = torch.arange(rows) % 3
    return LabelledCrops(views, F.one_hot(labels, 3).float(), labels)


def step(model, crops):
    """One plain step of everything that has a gradient."""
    model.train()
    loss = model.loss(crops)
    model.zero_grad(set_to_none=True)
    loss.total.backward()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.grad is not None:
                weight -= 0.1 * weight.grad
    return replace(loss, total=loss.total.detach())


@pytest.mark.parametrize("hidden", [0, 5])
def test_logits_equal_a_plain_twin(hidden):
    model = classifier(hidden=hidden).eval()
    with torch.no_grad():
        model.head[0].running_mean.normal_()
        model.head[0].running_var.uniform_(0.5, 2)
    views = batch().views
    for row in range(3):
        h = torch.cat([model.encoder(views[v, row : row + 1])[0] for v in range(2)])
        norm = model.head[0]
        h = (h - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
        if hidden:
            h = (model.head[1].weight @ h + model.head[1].bias).clamp_min(0)
        wanted = model.head[-1].weight @ h + model.head[-1].bias
        torch.testing.assert_close(model(views)[row], wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("sensors", list(VIEWS_OF))
def test_loss_is_the_cross_entropy_and_gradients_arrive(sensors):
    model = classifier(sensors).train()
    crops = batch(sensors)
    loss = step(model, crops)
    assert float(loss.parts["cross_entropy"]) == pytest.approx(float(loss.total))
    assert all(weight.grad is not None for weight in model.parameters())
    assert int(model.step) == 1
    falls = [float(step(model, crops).total) for _ in range(12)]
    assert falls[-1] < float(loss.total)


def test_a_frozen_encoder_keeps_every_bit_and_the_head_learns():
    model = classifier(frozen_steps=100)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    for seed in range(3):
        step(model, batch(seed=seed))
    after = model.state_dict()
    assert any("running_mean" in k for k in after if k.startswith("encoder."))
    assert all(torch.equal(before[k], after[k]) for k in after if k.startswith("encoder."))
    assert not torch.equal(before["head.1.weight"], after["head.1.weight"])
    assert not any(part.training for part in model.encoder.modules())
    assert model.head.training


def test_the_encoder_is_let_go_at_its_step_and_told_once():
    model = classifier(frozen_steps=2)
    before = {k: v.clone() for k, v in model.encoder.state_dict().items()}
    events = [step(model, batch(seed=seed)).events for seed in range(4)]
    assert events == [(), (), (("encoder released", "frozen for 2 steps"),), ()]
    assert all(part.training for part in model.encoder.modules())
    moved = [k for k, v in model.encoder.state_dict().items() if not torch.equal(v, before[k])]
    assert any("weight" in k for k in moved)
    assert any("running_mean" in k for k in moved)


def test_stages_hold_every_weight_once_from_stem_to_top():
    encoder = make_encoder("res2next_tiny", seed=0)
    names = {id(weight): name for name, weight in encoder.body.named_parameters()}
    found = [[names[id(weight)] for weight in stage] for stage in stages(encoder)]
    assert sorted(name for stage in found for name in stage) == sorted(names.values())
    assert [{name.split(".")[0] for name in stage} for stage in found] == [
        {"conv1", "bn1"}, {"layer1"}, {"layer2"}, {"layer3"}, {"layer4"},
    ]  # fmt: skip


def test_stages_of_another_timm_network_are_all_its_weights():
    encoder = make_encoder("mobilenetv3_small_100", seed=0)
    found = stages(encoder)
    assert len(found) > 3
    assert sum(map(len, found)) == len(list(encoder.body.parameters()))


class Half:
    """A regulariser that adds half of the mean squared logit."""

    def term(self, features, logits, labels, step):
        return 0.5 * logits.square().mean(), {"elp_weight": torch.tensor(float(step))}


def test_a_regulariser_adds_its_term_and_its_parts():
    model, crops = classifier().train(), batch()
    model.regulariser = Half()
    loss = model.loss(crops)
    assert float(loss.total.detach()) > float(loss.parts["cross_entropy"])
    assert float(loss.parts["elp_weight"]) == 0


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"sensors": "uv"}, "sensors must be one of rgb, rgn, both, either"),
        ({"hidden": -1}, "hidden must be 0"),
        ({"frozen_steps": -1}, "frozen_steps must be 0"),
    ],
)
def test_wrong_knobs_are_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        classifier(**knobs)


def test_one_class_and_a_missing_view_are_refused():
    with pytest.raises(PlantEduError, match="2 classes or more"):
        PairClassifier(make_encoder("res2next_tiny", seed=0), classes=1, seed=0)
    with pytest.raises(PlantEduError, match="needs 2 view"):
        classifier("both")(batch("rgb").views)
