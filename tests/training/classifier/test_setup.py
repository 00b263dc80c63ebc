"""One training's parts: rates by depth, batches by step, answers by turn."""

import numpy as np
import pytest
import torch

from plantedu.data.crops import CropSpec, crop_each
from plantedu.training.classifier.labelled_split import Labelled, rows_of
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.regularisation import smoothed, turned
from plantedu.training.classifier.setup import (
    batch_of_step,
    make_classifier,
    make_optimizer,
    predicted,
    rate_of_step,
    rate_shares,
    rows_of_step,
    steps_per_epoch,
)
from plantedu.training.fit import one_cycle
from plantedu.training.pair_source import FolderSource
from plantedu.training.seeding import generator_for

SMALL = FineTune(image_size=16, crop_size=16, batch=4, steps=20, start="scratch", hidden=4)


def some(**knobs):
    return FineTune.from_json(SMALL.as_json() | knobs)


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(0)
    x1, x2 = generator.integers(0, 256, (2, 12, 3, 16, 16), dtype=np.uint8)
    codes, every = np.arange(12) % 3, np.arange(12)
    names = ("blast", "brown", "healthy")
    return Labelled(FolderSource(x1, x2, codes, 3, every, every, names), codes, names)


def test_rates_are_fastais_geometric_spacing():
    shares = rate_shares(6, some(layer_decay=0.4))
    low, high = shares[0], shares[-1]
    spaced = [low * (high / low) ** (k / 5) for k in range(6)]  # slice(a, b) over 6 groups
    assert shares == pytest.approx(spaced)
    assert high == 1
    assert rate_shares(4, some(mode="full")) == [1, 1, 1, 1]
    assert rate_shares(4, some(mode="lp_ft")) == [1, 1, 1, 1]


def test_optimiser_holds_every_weight_once_with_the_rate_of_its_depth():
    recipe = some(layer_decay=0.5)
    model = make_classifier(recipe, classes=3)
    groups = make_optimizer(model, recipe).param_groups
    held = [id(weight) for group in groups for weight in group["params"]]
    assert sorted(held) == sorted(id(weight) for weight in model.parameters())
    share = {id(w): group["rate_share"] for group in groups for w in group["params"]}
    assert share[id(model.head[-1].weight)] == 1
    assert share[id(model.encoder.body.layer4[0].conv1.weight)] == 0.5
    assert share[id(model.encoder.body.layer1[0].conv1.weight)] == 0.5**4
    stem = next(w for name, w in model.encoder.body.named_parameters() if name.startswith("conv1"))
    assert share[id(stem)] == 0.5**5
    for group in groups:
        assert all((w.ndim > 1) == (group["weight_decay"] > 0) for w in group["params"])


def test_one_step_moves_each_depth_by_its_rate():
    recipe = some(layer_decay=0.1, weight_decay=0.0)
    model = make_classifier(recipe, classes=3).train()
    optimizer = make_optimizer(model, recipe)
    before = {name: w.detach().clone() for name, w in model.named_parameters()}
    for group in optimizer.param_groups:
        group["lr"] = 0.01 * group["rate_share"]
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    moved = {
        name: float((w - before[name]).abs().max().detach()) for name, w in model.named_parameters()
    }
    assert moved["head.1.weight"] == pytest.approx(1e-2, rel=1e-3)
    assert moved["encoder.body.layer4.0.conv1.weight"] == pytest.approx(1e-3, rel=1e-3)
    assert moved["encoder.body.layer3.0.conv1.weight"] == pytest.approx(1e-4, rel=1e-3)


def test_lp_ft_has_two_cycles_and_the_others_one():
    two, one = some(mode="lp_ft", probe_share=0.4), some()
    peak = SMALL.learning_rate
    for step in range(8):
        assert rate_of_step(two, step) == one_cycle(step, steps=8, peak=peak, warmup=0.25)
    for step in range(8, 20):
        assert rate_of_step(two, step) == one_cycle(step - 8, steps=12, peak=peak, warmup=0.25)
    assert [rate_of_step(one, k) for k in range(20)] == [
        one_cycle(k, steps=20, peak=peak, warmup=0.25) for k in range(20)
    ]


@pytest.mark.parametrize("rows", [3, 4, 11])
def test_every_pass_shows_each_row_at_most_once(rows):
    per_epoch = steps_per_epoch(SMALL, rows)
    assert per_epoch == max(rows // 4, 1)
    for epoch in range(3):
        steps = range(epoch * per_epoch, (epoch + 1) * per_epoch)
        seen = np.concatenate([rows_of_step(SMALL, rows, step) for step in steps])
        assert len(set(seen.tolist())) == len(seen) == min(4 * per_epoch, rows)


def test_a_batch_is_crops_of_its_rows_with_their_labels(data):
    recipe, rows = (
        some(label_smoothing=0.3, jitter=0.1, crop_low=0.5),
        rows_of(np.arange(12), "both"),
    )
    labels = data.labels(rows)
    found = batch_of_step(recipe, data, rows, labels, "cpu", 5)
    chosen = rows_of_step(recipe, 12, 5)
    spec = CropSpec(large_size=16, large_scale=(0.5, 1.0), gain=0.1, offset=0.025)
    images = torch.cat([torch.from_numpy(x[chosen]) for x in (data.source.x1, data.source.x2)])
    wanted = crop_each(images, spec, generator_for(recipe.seed, "crops", 5))
    assert torch.equal(found.views.flatten(0, 1), wanted)
    assert torch.equal(found.labels, labels[chosen])
    assert torch.equal(found.targets, smoothed(labels[chosen], 3, 0.3))


def test_answers_are_means_over_turns_and_leave_the_network_alone(data):
    model = make_classifier(SMALL, classes=3).train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    rows = rows_of(np.arange(12), "both")
    logs = predicted(model, data, rows, side=16, tta=3, batch=5)
    assert model.training
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    model.eval()
    views = data.views(rows).float() / 255
    with torch.no_grad():
        p = torch.stack([model(turned(views, k)).double().softmax(1) for k in range(3)]).mean(0)
    torch.testing.assert_close(logs.exp(), p, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(logs.exp().sum(1), torch.ones(12).double())
    assert not torch.allclose(predicted(model, data, rows, side=16), logs, atol=1e-4)


def test_a_regulariser_is_saved_with_the_network_and_trained_by_itself():
    recipe = some(regulariser="elp_sr_target")
    model = make_classifier(recipe, classes=3, steps_per_epoch=2)
    assert any(k.startswith("regulariser.probe") for k in model.state_dict())
    held = sum(len(group["params"]) for group in make_optimizer(model, recipe).param_groups)
    assert held == len([*model.encoder.parameters(), *model.head.parameters()])
    assert make_classifier(SMALL, classes=3).regulariser is None
