"""SwAV against a slow twin in float64, and its roads from image to score."""

import math

import pytest
import torch

from plantedu.data.crops import PAIRINGS
from plantedu.errors import PlantEduError

B = 4


def slow_codes(rows, epsilon, keep):
    """Sinkhorn on a list of score rows, number by number; the first `keep` codes."""
    q = [[math.exp(s / epsilon) for s in row] for row in rows]
    for _ in range(3):
        for k in range(len(q[0])):
            mass = sum(row[k] for row in q)
            for row in q:
                row[k] /= mass
        for row in q:
            mass = sum(row)
            row[:] = [value / mass for value in row]
    return q[:keep]


def slow_loss(model, crops, queues):
    """The loss of one step in plain loops; autograd sees the predictions alone."""
    sizes = [crops.large] + ([] if crops.small is None else [crops.small])
    h = torch.cat([model.encoder(part.flatten(0, 1)) for part in sizes])
    z = model.projector(h)
    z = [row / row.square().sum().sqrt() for row in z]
    c = model.prototypes
    coded, seen = crops.large_sensors, crops.large_sensors + crops.small_sensors
    view = [[(c @ z[v * B + b]) for b in range(B)] for v in range(len(seen))]
    per_code = []
    for i in range(len(coded)):
        rows = [s.tolist() for s in view[i]]
        rows += [(c @ past).tolist() for past in queues.get(coded[i], [])]
        q = slow_codes(rows, model.epsilon, B)
        per_view = []
        for v in range(len(seen)):
            if v == i or (model.pairing == "within_both" and seen[v] != coded[i]):
                continue
            total = 0
            for b in range(B):
                exps = torch.exp(view[v][b] / model.temperature)
                p = exps / exps.sum()
                total = total - sum(q[b][k] * torch.log(p[k]) for k in range(len(p))) / B
            per_view.append(total)
        per_code.append(sum(per_view) / len(per_view))
    return sum(per_code) / len(per_code)


@pytest.mark.parametrize("pairing", PAIRINGS)
@pytest.mark.parametrize(("small", "length"), [(0, 0), (3, 6)])
def test_loss_and_gradient_equal_the_slow_twin(pairing, small, length, objective, crop_batch):
    model = objective(pairing, queue_length=length).double()
    model.prototypes.data = torch.nn.functional.normalize(model.prototypes.data, dim=1)
    if length:
        for seed in (11, 12):
            model.loss(crop_batch(pairing, small, seed, torch.float64))
    crops = crop_batch(pairing, small, dtype=torch.float64)
    past = {s: model.queue.read(s).clone() for s in set(crops.large_sensors) if length}
    wanted = slow_loss(model, crops, past)
    names = [name for name, _ in model.named_parameters()]
    expected = torch.autograd.grad(wanted, list(model.parameters()))
    loss = model.loss(crops)
    assert bool(model.queue_used) is bool(length)
    assert float(loss.total.detach()) == pytest.approx(float(wanted.detach()), rel=1e-10)
    found = torch.autograd.grad(loss.total, list(model.parameters()))
    for name, ours, theirs in zip(names, found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-10, msg=name)


def test_gradient_reaches_encoder_projector_and_prototypes(objective, crop_batch):
    model = objective()
    model.loss(crop_batch()).total.backward()
    for part in (model.encoder.body.conv1.weight, model.projector[0].weight, model.prototypes):
        assert part.grad.abs().sum() > 0


def test_parts_follow_the_pairing(objective, crop_batch):
    directions = {"x1_to_x2", "x2_to_x1"}
    always = {"entropy", "divergence", "prototype_usage"}
    assert set(objective().loss(crop_batch()).parts) == always | directions
    small = objective().loss(crop_batch(small=2)).parts
    assert set(small) == always | directions | {"same_sensor"}
    within = objective("within_both").loss(crop_batch("within_both")).parts
    assert set(within) == always | {"same_sensor"}


def test_views_of_an_image_by_the_same_road(objective, crop_batch):
    model = objective().eval()
    images = crop_batch().large[0]
    with torch.no_grad():
        h, z, s = model.features(images), model.project(images), model.assign(images)
    assert h.shape == (B, model.encoder.dim)
    torch.testing.assert_close(z.norm(dim=1), torch.ones(B))
    torch.testing.assert_close(s, z @ model.prototypes.T)
    torch.testing.assert_close(z, torch.nn.functional.normalize(model.projector(h), dim=1))


def test_the_seed_decides_the_head_and_global_randomness_is_left_alone(objective):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one, same = objective(), objective()
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(one.prototypes, same.prototypes)
    assert torch.equal(one.projector[0].weight, same.projector[0].weight)


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("prototypes", 1),
        ("epsilon", 0.001),
        ("temperature", 0.0),
        ("sinkhorn_iterations", 0),
        ("projection_dim", 1),
        ("hidden_dim", 0),
        ("queue_length", -1),
        ("queue_start_step", -1),
        ("freeze_prototypes_steps", -5),
    ],
)
def test_a_knob_out_of_range_is_named(knob, value, objective):
    with pytest.raises(PlantEduError, match=f"{knob} must be .* got {value}"):
        objective(**{knob: value})


def test_pairings_that_do_not_match_are_named(objective, crop_batch):
    with pytest.raises(PlantEduError, match="pairing must be one of cross, within_both"):
        objective("crossed")
    with pytest.raises(PlantEduError, match="make the crops for the same pairing"):
        objective("cross").loss(crop_batch("rgb_only"))
