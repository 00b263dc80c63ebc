"""Second phases: which checkpoint is meant, who descends from whom, and exact resuming."""

from dataclasses import replace

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.jobs import trainings
from plantedu.store.lineage import (
    ancestry,
    checkpoints_of,
    family_tree,
    resolved,
    start_file,
    step_at,
    submit_branch,
)
from plantedu.store.run import Metric
from plantedu.store.work import StoppedError, Work
from plantedu.training.checkpoints import checkpoint_path, load_checkpoint
from plantedu.training.fit import Observer


class Wishes:
    wish = ""


class PauseAt(Observer):
    """Wishes a pause at a step."""

    def __init__(self, wishes, step):
        self.wishes, self.step = wishes, step

    def on_step(self, state, record):
        if record.step == self.step:
            self.wishes.wish = "pause"


class Beginning(Observer):
    """Keeps what a run begins with."""

    def on_start(self, state):
        self.tensors, self.meta = state.snapshot()


@pytest.fixture
def do(store):
    """Does a run, watched."""

    def run(run_id, *watching, pause=None):
        wishes = Wishes()
        stop = [PauseAt(wishes, pause)] if pause else []
        return trainings.train(Work(store, store.run(run_id), wishes), *watching, *stop)

    return run


@pytest.fixture
def parent(store, tiny, do):
    """A done training with a queue, and checkpoints at 2, 4, 6, 7."""
    request = replace(tiny, queue_length=8, queue_start=0.0).as_json()
    run_id = store.submit("train", request, lane="training", name="first", worker="w")
    store.finish(run_id, do(run_id), worker="w")
    return run_id


@pytest.fixture
def faked(store):
    """A run with 200 steps of a falling, then flat loss, and files where checkpoints would be."""
    run_id = store.submit("train", {"steps": 200}, lane="training", worker="w")
    rows = [Metric(k, "loss", max(5.0 - k / 30, 1.0)) for k in range(1, 201)]
    store.log(run_id, rows, step=200)
    for step in (50, 100, 160):
        path = checkpoint_path(store.folder(run_id), step)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return run_id


def test_each_moment_is_a_checkpoint(store, faked):
    run = store.run(faked)
    assert list(checkpoints_of(store, faked)) == [50, 100, 160]
    assert [step_at(store, run, when) for when in ("50", "last", "plateau")] == [50, 160, 160]
    request, parent = resolved(store, {"start": f"run:{faked[:6]}@plateau", "seed": 3})
    assert (request, parent) == ({"start": f"run:{faked}@160", "seed": 3}, faked)
    assert start_file(store, f"run:{faked}@100") == checkpoint_path(store.folder(faked), 100)


def test_other_starts_have_no_parent(store):
    for start in ("scratch", "source", "shipped:cross-0", "file:/x"):
        assert resolved(store, {"start": start}) == ({"start": start}, None)
        assert start_file(store, start) is None
    assert resolved(store, {"steps": 5}) == ({"steps": 5}, None)


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("51", "no checkpoint of step 51; it has those of 50, 100, 160"),
        ("best", "a step, last or plateau"),
    ],
)
def test_a_moment_that_is_not_there_is_said(store, faked, when, sentence):
    with pytest.raises(PlantEduError, match=sentence):
        step_at(store, store.run(faked), when)


def test_runs_that_cannot_be_parents_are_said(store):
    empty = store.submit("replay", {}, lane="replay")
    with pytest.raises(PlantEduError, match=r"has no checkpoints to start from; a replay"):
        resolved(store, {"start": f"run:{empty}@last"})
    with pytest.raises(PlantEduError, match="No run begins with"):
        resolved(store, {"start": "run:ffffffff@last"})


def test_a_branch_takes_the_objective_whole_and_begins_its_schedule_anew(store, parent, do):
    branch = submit_branch(store, parent, at="4", changes={"epsilon": 0.03}, learner="me")
    run = store.run(branch)
    assert (run.parent, run.request["start"]) == (parent, f"run:{parent}@4")
    assert run.request == store.run(parent).request | {
        "start": f"run:{parent}@4",
        "epsilon": 0.03,
    }
    watching = Beginning()
    result = do(branch, watching)
    kept, _ = load_checkpoint(checkpoint_path(store.folder(parent), 4))
    taken = {k: v for k, v in kept.items() if k.startswith("objective/")}
    counters = ("objective/step", "objective/queue_used")
    assert all(torch.equal(watching.tensors[k], v) for k, v in taken.items() if k not in counters)
    assert {"objective/projector.0.weight", "objective/prototypes"} <= set(taken)
    assert int(taken["objective/queue.inserted"].sum()) > 0
    assert not any(k.startswith("optimizer/") for k in watching.tensors)
    assert int(watching.tensors["objective/step"]) == 0
    rates = store.metrics(branch)["learning_rate"].values
    assert rates.tolist() == store.metrics(parent)["learning_rate"].values.tolist()
    said = {event.name: (event.step, event.detail) for event in store.events(branch)}
    sha256 = result["start"]["sha256"]
    assert said["weights"] == (0, f"run:{parent}@4 with its queue, sha256 {sha256[:12]}")


@pytest.mark.slow
def test_a_resumed_branch_ends_in_the_same_bits_even_without_its_parent(store, parent, do):
    whole = submit_branch(store, parent, at="last", changes={"batch": 4})
    do(whole)
    request = store.run(whole).request
    paused = store.submit("train", request, lane="training", parent=parent, fresh=True)
    with pytest.raises(StoppedError, match="pause"):
        do(paused, pause=3)
    for path in checkpoints_of(store, parent).values():
        path.unlink()
    do(paused)
    ends = [load_checkpoint(checkpoint_path(store.folder(r), 7)) for r in (whole, paused)]
    assert all(torch.equal(ends[0][0][name], ends[1][0][name]) for name in ends[0][0])
    assert ends[0][1]["origin"] == ends[1][1]["origin"]
    assert len([e for e in store.events(paused) if e.name == "weights"]) == 1


def test_families_are_drawn_from_their_oldest(store):
    def child(parent=None, at=None):
        start = f"run:{parent}@{at}" if parent else "scratch"
        return store.submit("train", {"start": start}, lane="training", parent=parent, fresh=True)

    root = child()
    first, second = child(root, 100), child(root, 200)
    grandchild = child(first, 50)
    stranger = child()
    assert [run.id for run in ancestry(store, grandchild)] == [root, first, grandchild]
    for run_id in (root, second, grandchild):
        tree = [(m.run.id, m.generation, m.parent, m.left_at) for m in family_tree(store, run_id)]
        assert tree == [
            (root, 0, None, None),
            (first, 1, root, 100),
            (grandchild, 2, first, 50),
            (second, 1, root, 200),
        ]
    assert [m.run.id for m in family_tree(store, stranger)] == [stranger]


def test_a_run_that_names_itself_does_not_hang(store):
    one = store.submit("train", {"n": 1}, lane="training")
    with store.database.write() as link:
        link.execute("UPDATE runs SET parent = id")
    assert [m.run.id for m in family_tree(store, one)] == [one]
