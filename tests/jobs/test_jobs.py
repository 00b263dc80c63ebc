import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.jobs import jobs, trainings
from plantedu.jobs.heartbeat import Heart
from plantedu.jobs.jobs import job_for
from plantedu.jobs.worker import do
from plantedu.store.run import Metric
from plantedu.store.work import StoppedError, Work
from plantedu.training.checkpoints import checkpoint_path, load_checkpoint
from plantedu.training.fit import Observer


class Wishes:
    wish = ""


class WishAt(Observer):
    """Wishes something at a step."""

    def __init__(self, wishes, step, wish):
        self.wishes, self.step, self.wish = wishes, step, wish

    def on_step(self, state, record):
        if record.step == self.step:
            self.wishes.wish = self.wish


@pytest.fixture
def train(store):
    """Does a run of the tiny recipe, with a wish at a step where one is given; its result."""

    def run(run_id, *wish_at):
        wishes = Wishes()
        watching = [WishAt(wishes, *wish_at)] if wish_at else []
        return trainings.train(Work(store, store.run(run_id), wishes), *watching)

    return run


@pytest.fixture
def submit(store, tiny):
    """Asks for one more training."""
    request = tiny.as_json()
    return lambda: store.submit("train", request, lane="training", fresh=True, worker="w")


def same(one, other, leave=()):
    return {k: v for k, v in one.items() if k not in leave} == {
        k: v for k, v in other.items() if k not in leave
    }


def test_a_paused_run_ends_as_one_that_never_stopped(store, train, submit):
    whole, paused = submit(), submit()
    result = train(whole)
    with pytest.raises(StoppedError, match="pause"):
        train(paused, 3, "pause")
    assert store.metrics(paused)["loss"].steps.tolist() == [1, 2, 3]
    # What a worker that was lost after step 3 left behind is forgotten and written again.
    store.log(paused, [Metric(9, "loss", 1.0)])
    store.event(paused, 4, "queue on", "from a lost worker")
    again = train(paused)
    clocked = ("seconds", "last")
    assert same(result, again, clocked)
    assert same(result["last"], again["last"], ("steps_per_second",))
    assert {"chance/disease/both", "probe/disease/both", "loss"} <= set(again["last"])
    for name, series in store.metrics(whole).items():
        if name != "steps_per_second":
            other = store.metrics(paused)[name]
            assert other.steps.tolist() == series.steps.tolist()
            assert other.values.tolist() == series.values.tolist()
    names = [[e.name for e in store.events(run_id)] for run_id in (whole, paused)]
    assert names[0].count("checkpoint") == 4
    assert "queue on" not in names[1]
    ends = [load_checkpoint(checkpoint_path(store.folder(r), 7)) for r in (whole, paused)]
    assert all(torch.equal(ends[0][0][name], ends[1][0][name]) for name in ends[0][0])
    assert (store.folder(whole) / "crops.png").exists()


def test_a_damaged_checkpoint_is_passed_over(store, train, submit):
    run_id = submit()
    with pytest.raises(StoppedError, match="pause"):
        train(run_id, 5, "pause")
    last = checkpoint_path(store.folder(run_id), 5)
    last.write_bytes(last.read_bytes()[:1000])
    assert train(run_id)["step"] == 7
    assert store.metrics(run_id)["loss"].steps.tolist() == list(range(1, 8))


def test_a_request_that_is_no_recipe_is_refused(store, train, tiny):
    request = tiny.as_json() | {"epsilon": 3.0}
    run_id = store.submit("train", request, lane="training", worker="w")
    with pytest.raises(PlantEduError, match="epsilon must be from"):
        train(run_id)


def test_ping_counts_and_goes_on_where_it_was(store):
    request = {"steps": 5, "seconds": 0.0}
    run_id = store.submit("ping", request, lane="analysis", worker="w")
    store.set_step(run_id, 2, 5)
    assert jobs.ping(Work(store, store.run(run_id), Wishes())) == {"steps": 5}
    assert store.metrics(run_id)["ping"].steps.tolist() == [3, 4, 5]


@pytest.mark.parametrize("wish", ["cancel", "pause", "lost"])
def test_a_job_stops_when_it_is_asked_to(store, wish):
    run_id = store.submit("ping", {"steps": 5, "seconds": 0.0}, lane="analysis", worker="w")
    wishes = Wishes()
    wishes.wish = wish
    with pytest.raises(StoppedError, match=wish):
        jobs.ping(Work(store, store.run(run_id), wishes))
    assert store.metrics(run_id)["ping"].steps.tolist() == [1]


@pytest.mark.parametrize("kind", ["", "os", "../../evil", "analysis.sight", "__init__"])
def test_what_nobody_can_do_is_refused(kind):
    with pytest.raises(PlantEduError, match="No worker here can do"):
        job_for(kind)


def test_a_method_is_found_by_its_kind(monkeypatch):
    from plantedu.topics.pairs.sensitivity import METHOD

    assert job_for("sight") == METHOD.job


class Poison(Observer):
    """Breaks a weight after a step, as too large a learning rate would."""

    def on_step(self, state, record):
        if record.step == 4:
            with torch.no_grad():
                next(state.objective.parameters()).fill_(torch.inf)


def test_a_loss_that_is_no_number_keeps_the_last_checkpoint(store, submit):
    run_id, worker = submit(), "w"
    with Heart(store, worker) as heart:
        do(store, store.run(run_id), heart, lambda work: trainings.train(work, Poison()))
    run = store.run(run_id)
    assert run.state == "failed"
    assert "The loss is nan at step 5: lower the learning rate" in run.error
    events = [(event.step, event.name) for event in store.events(run_id)]
    assert (5, "loss not finite") in events
    assert store.metrics(run_id)["loss"].steps.tolist() == [1, 2, 3, 4]
    tensors, meta = load_checkpoint(checkpoint_path(store.folder(run_id), 2))
    assert meta["step"] == 2
    assert all(tensor.isfinite().all() for tensor in tensors.values())
