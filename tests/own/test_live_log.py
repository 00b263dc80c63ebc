"""A loop in the store as it goes, done, failed or asked to stop; and in a notebook's cell."""

import time

import pytest

import plantedu as pe
from plantedu.own import live_log
from plantedu.store.run import LOOP
from plantedu.store.store import Store
from tests.own.loops import net, trained


def test_the_app_shows_it_live(tmp_path, monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path))
    elp, model = pe.ELP(layers=["0"], classes=3, show="app", name="mine"), net()
    with elp.watch(model):
        (run,) = Store().runs()
        assert (run.kind, run.state, run.name) == (LOOP, "running", "mine")
        trained(model, elp, passes=2)
    store = Store()
    (run,) = store.runs()
    assert (run.state, run.step) == ("done", 8)
    assert {"loss", "probe/0", "null/0", "chance", "start/0"} <= set(store.metrics(run.id))
    assert len(store.metrics(run.id)["loss"]) == 8
    assert "probe starts anew" in [event.name for event in store.events(run.id)]
    again = pe.ELP(layers=["0"], classes=3, show="app")
    with pytest.raises(KeyError), again.watch(model):
        trained(model, again, passes=1, fail=0)
    failed = store.runs()[0]
    assert (failed.state, "KeyError" in failed.error) == ("failed", True)
    store.close()


def test_who_looks_may_ask_it_to_stop(tmp_path, monkeypatch):
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path))
    monkeypatch.setattr(live_log, "BEAT", 0.02)
    elp, model = pe.ELP(layers=["0"], classes=3, show="app"), net()
    with elp.watch(model):
        store = Store()
        (run,) = store.runs()
        store.cancel(run.id)
        until = time.monotonic() + 20
        while not elp.stop_asked and time.monotonic() < until:
            time.sleep(0.02)
        assert elp.stop_asked
        trained(model, elp, passes=1)  # the loop is its owner's: it goes on
    assert store.run(run.id).state == "cancelled"
    store.close()


def test_a_notebook_is_drawn_into(monkeypatch):
    shown = []

    class Handle:
        def update(self, bundle, raw):
            shown.append(bundle)

    def display(bundle, raw, display_id):
        shown.append(bundle)
        return Handle()

    pytest.importorskip("IPython.display")
    monkeypatch.setattr("IPython.display.display", display)
    elp, model = pe.ELP(layers=["0"], classes=3, show="notebook"), net()
    with elp.watch(model):
        trained(model, elp, passes=1)
    assert len(shown) == 2  # at the first batch, and at the end
    assert "vegalite" in next(iter(shown[-1]))
