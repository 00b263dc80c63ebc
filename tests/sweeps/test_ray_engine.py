import sys
import threading
import time
from importlib.util import find_spec

import pytest

from plantedu.errors import PlantEduError
from plantedu.jobs.trainings import train
from plantedu.store.work import Work
from plantedu.sweeps import ray_engine
from plantedu.sweeps.grid import Grid, rows_of
from plantedu.sweeps.pool import OTHER_CODE, claim, run_of
from plantedu.sweeps.ray_engine import cluster, do_row, load_ray, on_ray, put, take_in
from plantedu.sweeps.request import Sweep


@pytest.fixture
def rows(tiny):
    base = tiny.as_json() | {"steps": 30, "checkpoint_every": 30, "probe_every": 30}
    del base["seed"]
    return rows_of(Grid(base=base, seeds=[0, 1, 2, 3], name="ray"))


class Calm:
    wish = ""


def done(store, row, worker="w"):
    """A row's run, done in this process."""
    run = claim(store, row, worker)
    store.finish(run.id, train(Work(store, run, Calm())), worker=worker)
    return store.run(run.id)


def test_a_finished_row_crosses_to_another_store_whole(store, rows, tmp_path, clock):
    run = done(store, rows[0])
    assert not take_in(store, rows[0], tmp_path / "results")
    put(store, run, tmp_path / "results" / rows[0].key[:16])
    put(store, run, tmp_path / "results" / rows[0].key[:16])  # the second one changes nothing
    assert len(list((tmp_path / "results").iterdir())) == 1

    other = type(store)(tmp_path / "other" / "plantedu.sqlite")
    assert take_in(other, rows[0], tmp_path / "results")
    taken = run_of(other, rows[0])
    assert (taken.state, taken.step, taken.name) == ("done", 30, run.name)
    assert taken.result == run.result
    before, after = store.metrics(run.id), other.metrics(taken.id)
    assert {n: s.values.tolist() for n, s in after.items()} == {
        n: s.values.tolist() for n, s in before.items()
    }
    assert "checkpoint" in [event.name for event in other.events(taken.id)]
    weights = "checkpoints/step-000030.safetensors"
    kept = [s.folder(r.id) / weights for s, r in ((store, run), (other, taken))]
    assert kept[0].read_bytes() == kept[1].read_bytes()
    assert take_in(other, rows[0], tmp_path / "results")  # again: there is nothing to do
    assert len(other.runs()) == 1
    other.close()


def test_a_row_that_failed_on_a_node_says_so_here(store, rows, tmp_path):
    run = claim(store, rows[0], "w")
    store.fail(run.id, "The loss is nan.", worker="w")
    put(store, store.run(run.id), tmp_path / rows[0].key[:16])
    other = type(store)(tmp_path / "other" / "plantedu.sqlite")
    assert take_in(other, rows[0], tmp_path)
    assert (run_of(other, rows[0]).state, run_of(other, rows[0]).error) == (
        "failed",
        "The loss is nan.",
    )
    other.close()


def test_a_damaged_result_is_a_sentence(store, rows, tmp_path):
    place = tmp_path / rows[0].key[:16]
    place.mkdir()
    (place / "row.json").write_text("{")
    with pytest.raises(PlantEduError, match="is damaged"):
        take_in(store, rows[0], tmp_path)


def test_nodes_with_other_code_do_nothing(rows, tmp_path):
    assert do_row(rows[0].as_json(), "another", str(tmp_path), 1) == OTHER_CODE
    assert list(tmp_path.iterdir()) == []


def test_without_ray_there_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(PlantEduError, match=r'pip install "plantedu\[ray\]"'):
        load_ray()


@pytest.fixture
def two_nodes(monkeypatch):
    """A cluster of two nodes on this machine, of one row each; it is gone after the test."""
    if find_spec("ray") is None:
        pytest.skip("the extra plantedu[ray] is not installed")
    load_ray(here=True)  # before anybody else imports it
    from ray.cluster_utils import Cluster

    node = {
        "num_cpus": 1,
        "object_store_memory": ray_engine.STORE_BYTES,
        "include_dashboard": False,
    }
    made = Cluster(initialize_head=True, head_node_args=node)
    second = made.add_node(**node)
    yield made, second
    made.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_node_dies_and_nothing_is_lost(store, rows, tmp_path, two_nodes):
    """Four rows on two nodes; one is killed when the first row is finished."""
    made, second = two_nodes
    assert made.address.startswith("127.0.0.1:")
    folder, finished = tmp_path / "results", {}

    def kill() -> None:
        while not finished:
            finished.update({p: p.stat().st_mtime_ns for p in folder.glob("[!.]*/row.json")})
            time.sleep(0.02)
        made.remove_node(second, allow_graceful=False)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    chosen = Sweep(tmp_path, engine="ray", threads=1, results=folder, address=made.address)
    assert on_ray(chosen, store, [(row, 1.0) for row in rows])
    killer.join(timeout=30)
    assert 1 <= len(finished) < len(rows)
    runs = [run_of(store, row) for row in rows]
    assert [run.state for run in runs] == ["done"] * 4
    assert [store.metrics(run.id)["loss"].steps[-1] for run in runs] == [30] * 4
    assert {path: path.stat().st_mtime_ns for path in finished} == finished  # not done again
    assert len(list(folder.glob("[!.]*/row.json"))) == 4

    for run in runs:  # a new store, as after this machine was lost: all is taken from the folder
        assert run.result["step"] == 30
    other = type(store)(tmp_path / "other" / "plantedu.sqlite")
    assert on_ray(chosen, other, [(row, 1.0) for row in rows])
    assert [run_of(other, row).state for row in rows] == ["done"] * 4
    other.close()


def test_a_ray_that_others_could_reach_is_stopped(monkeypatch):
    class Open:
        stopped = 0

        def init(self, **options):
            assert options["include_dashboard"] is False

        def nodes(self):
            return [{"NodeManagerAddress": "192.0.2.7"}]

        def shutdown(self):
            self.stopped += 1

    ray = Open()
    monkeypatch.setattr(ray_engine, "load_ray", lambda **_: ray)
    with pytest.raises(PlantEduError, match=r"listens on 192\.0\.2\.7"), cluster("", 2):
        raise AssertionError
    assert ray.stopped == 1
