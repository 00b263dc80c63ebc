"""A fork: each arm is the run that it claims to be, and only the queue differs."""

from dataclasses import replace

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.bump.fork_training import RULERS, forked
from plantedu.training.fit import Observer, StopRun
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import objective_from, train
from plantedu.training.recipe import Recipe
from plantedu.zoo.evaluation_batch import Ruler, make_pack

NEVER = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, steps=10, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32, probe_factors=(), queue_length=16, queue_start=1.0,
)  # fmt: skip
SMALL = {"steps": 4, "every": 2, "plants": 16, "queue": 24}


class Diary(Observer):
    """Losses by step, and the snapshot at `stop`."""

    def __init__(self, stop=None):
        self.stop, self.losses = stop, {}

    def on_step(self, state, record):
        self.losses[record.step] = record.values.get("loss")
        if record.step == self.stop:
            raise StopRun("pause")

    def on_end(self, state):
        self.snapshot = state.snapshot()


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="module")
def snapshot(bank):
    """The run that never switches, at step 5 of 10."""
    diary = Diary(stop=5)
    train(NEVER, bank_folder=bank, observers=[diary])
    return diary.snapshot


@pytest.fixture(scope="module")
def moments(bank, snapshot):
    return list(forked(snapshot, bank_folder=bank, **SMALL))


@pytest.mark.parametrize(("arm", "start"), [("off", 1.0), ("on", 0.5)])
def test_each_arm_is_the_run_that_never_stopped_to_the_bit(bank, moments, arm, start):
    whole = Diary()
    train(replace(NEVER, queue_start=start), bank_folder=bank, observers=[whole])
    losses = {m.step: m.values[f"{arm}/loss"] for m in moments[1:]}
    assert losses == {step: whole.losses[step] for step in (6, 7, 8, 9)}


def test_it_says_the_same_again_and_another_seed_something_else(bank, snapshot, moments):
    again = list(forked(snapshot, bank_folder=bank, **SMALL))
    assert [m.values for m in again] == [m.values for m in moments]
    other = list(forked(snapshot, bank_folder=bank, seed=3, **SMALL))
    assert other[0].values == moments[0].values, "before the first step nothing is drawn"
    assert other[1].values["off/loss"] != moments[1].values["off/loss"]


def test_the_pack_is_read_when_due_and_both_arms_start_alike(moments):
    read = [m.step for m in moments if "on/ruler/none" in m.values]
    assert read == [5, 7, 9]
    first, last = moments[0].values, moments[-1].values
    for ruler in RULERS:
        assert first[f"off/ruler/{ruler}"] == first[f"on/ruler/{ruler}"]
        assert last[f"off/ruler/{ruler}"] != last[f"on/ruler/{ruler}"]


def test_a_ruler_reads_what_the_objective_scores(bank, snapshot, moments):
    """Slow twin: the whole pack as one batch per eight plants, scored by the objective itself."""
    objective, source = objective_from(snapshot), open_source(NEVER, bank)
    pack = make_pack(NEVER, source, plants=16, queue=24)
    fresh = {s: pack.queued.large[s - 1] for s in (1, 2)}
    with torch.no_grad():
        fresh = {s: objective.project(images) for s, images in fresh.items()}
    kept = {s: objective.queue.read(s) for s in (1, 2)}
    for name, past in (("none", None), ("queue", fresh), ("kept", kept)):
        parts = [
            replace(pack.crops, large=pack.crops.large[:, k : k + 8], small=None) for k in (0, 8)
        ]
        wanted = sum(float(objective.score(part, queue=past).total) for part in parts) / 2
        assert moments[0].values[f"off/ruler/{name}"] == pytest.approx(wanted, rel=1e-4)
    assert Ruler(batch=8).floor(24) > 1


def test_what_cannot_be_forked_is_a_sentence(bank, snapshot):
    def refused(tensors=None, meta=None, **knobs):
        recipe = snapshot[1]["recipe"] | knobs.pop("recipe", {})
        given = (tensors or snapshot[0], snapshot[1] | {"recipe": recipe} | (meta or {}))
        return next(forked(given, bank_folder=bank, **(SMALL | knobs)))

    weights = {k: v for k, v in snapshot[0].items() if k.startswith("objective/")}
    with pytest.raises(PlantEduError, match="weights alone"):
        refused(weights)
    with pytest.raises(PlantEduError, match="no queue to switch on"):
        refused(recipe={"queue_length": 0})
    with pytest.raises(PlantEduError, match="has 5 steps left, and the fork asks for 6"):
        refused(steps=6)
    with pytest.raises(PlantEduError, match="1 step or more, got 0"):
        refused(steps=0)
    used = snapshot[0] | {"objective/queue_used": torch.tensor(True)}
    with pytest.raises(PlantEduError, match="switched on already"):
        refused(used)
    empty = snapshot[0] | {"objective/queue.inserted": torch.tensor([8, 8])}
    with pytest.raises(PlantEduError, match="The queue of 16 is not full at step 5"):
        refused(empty)
