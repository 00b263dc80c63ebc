"""What SwAV carries from step to step: prototypes, queue, saved state; and what it leaves alone."""

import pytest
import torch

from plantedu.errors import PlantEduError

B = 4


def step(model, optimizer, crops):
    loss = model.loss(crops)
    optimizer.zero_grad(set_to_none=True)
    loss.total.backward()
    optimizer.step()
    return loss


def test_frozen_prototypes_keep_their_bits_and_are_then_released(objective, crop_batch):
    model = objective(freeze_prototypes_steps=3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    start = model.prototypes.detach().clone()
    events = []
    for number in range(5):
        before = model.projector[0].weight.detach().clone()
        events.append(step(model, optimizer, crop_batch(seed=number)).events)
        assert torch.equal(model.prototypes, start) is (number < 3)
        assert not torch.equal(model.projector[0].weight, before)
    assert [bool(e) for e in events] == [False, False, False, True, False]
    assert events[3] == (("prototypes released", "frozen for 3 steps"),)


def test_prototypes_are_on_the_sphere_whenever_they_are_used(objective, crop_batch):
    model = objective()
    model.prototypes.data.mul_(3)
    model.loss(crop_batch())
    torch.testing.assert_close(model.prototypes.norm(dim=1), torch.ones(5))


@pytest.mark.parametrize(
    ("start", "length", "first"), [(0, 8, 2), (4, 8, 4), (1, 10, 3), (2, 0, None)]
)
def test_the_queue_goes_on_once_when_started_and_full(start, length, first, objective, crop_batch):
    model = objective(queue_length=length, queue_start_step=start)
    events = [model.loss(crop_batch(seed=s)).events for s in range(6)]
    on = [number for number, found in enumerate(events) if found]
    assert on == ([] if first is None else [first])
    if first is not None:
        assert events[first] == (("queue on", f"{length} embeddings per sensor"),)


def test_a_batch_is_read_before_it_is_inserted(objective, crop_batch):
    model = objective(queue_length=B).eval()
    model.loss(crop_batch(seed=1))
    held = {sensor: model.queue.read(sensor).clone() for sensor in (1, 2)}
    crops = crop_batch(seed=2)
    wanted = model.score(crops, queue=held).total
    assert torch.equal(model.loss(crops).total, wanted)
    for sensor in (1, 2):
        with torch.no_grad():
            z = model.project(crops.large[sensor - 1])
        torch.testing.assert_close(model.queue.read(sensor), z)


def test_one_sensor_fills_its_own_queue_only(objective, crop_batch):
    model = objective("nir_only", queue_length=B)
    model.loss(crop_batch("nir_only"))
    assert model.queue.full((2,))
    assert not model.queue.read(1).any()


def test_saved_state_gives_the_same_next_losses(objective, crop_batch):
    knobs = {"queue_length": 6, "queue_start_step": 3, "freeze_prototypes_steps": 2}
    model, twin = objective(**knobs), objective(**knobs)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for number in range(4):
        step(model, optimizer, crop_batch(seed=number))
    twin.load_state_dict(model.state_dict())
    other = torch.optim.SGD(twin.parameters(), lr=0.05)
    for number in range(4, 6):
        mine, theirs = (
            step(m, o, crop_batch(seed=number)) for m, o in ((model, optimizer), (twin, other))
        )
        assert torch.equal(mine.total, theirs.total)
        assert mine.events == theirs.events == ()


def test_autocast_leaves_codes_and_embeddings_in_float32(objective, crop_batch):
    model = objective(epsilon=0.01)
    seen = []
    model.projector.register_forward_hook(lambda _m, _i, out: seen.append(out.dtype))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = model.loss(crop_batch())
    assert seen == [torch.bfloat16]
    assert loss.total.dtype == torch.float32
    assert model.project(crop_batch().large[0]).dtype == torch.float32
    added = loss.parts["entropy"] + loss.parts["divergence"]
    assert float(added) == pytest.approx(float(loss.total.detach()), rel=1e-6)


def test_score_is_the_loss_under_a_stated_ruler_and_changes_nothing(objective, crop_batch):
    model = objective(queue_length=B).eval()
    crops = crop_batch()
    model.loss(crop_batch(seed=5))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rulers = [
        model.score(crops),
        model.score(crops, queue={1: model.queue.read(1), 2: model.queue.read(2)}),
        model.score(crops, epsilon=0.5),
    ]
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert torch.equal(rulers[1].total, model.loss(crops).total)
    assert len({float(ruler.total) for ruler in rulers}) == 3
    with pytest.raises(PlantEduError, match="evaluation mode"):
        model.train().score(crops)
