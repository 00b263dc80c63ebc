import threading
import time

import pytest

from plantedu.jobs import follow as following
from plantedu.jobs.follow import Bar, follow
from plantedu.store.run import Metric


@pytest.fixture
def asked(monkeypatch):
    """The lanes for which a worker was asked, instead of starting one."""
    lanes = []
    monkeypatch.setattr(following.launch, "ensure_worker", lambda lane, store: lanes.append(lane))
    return lanes


@pytest.mark.parametrize("end", ["finish", "fail", "cancel", "pause"])
def test_a_run_elsewhere_is_followed_to_its_end(store, asked, capsys, end):
    run_id = store.submit("train", {}, lane="training")

    def elsewhere():
        time.sleep(0.2)
        store.lease("training", "w")
        store.set_step(run_id, 0, 2)
        rows = [Metric(1, "loss", 4.158), Metric(1, "probe/disease/both", 0.912, 0.9, 0.92)]
        store.log(run_id, rows, step=1)
        time.sleep(0.8)
        words = {"finish": ({},), "fail": ("it broke",)}.get(end, (end,))
        getattr(store, end if end in ("finish", "fail") else "stopped")(run_id, *words)

    other = threading.Thread(target=elsewhere)
    other.start()
    run = follow(store, run_id)
    other.join()
    expected = {"finish": "done", "fail": "failed", "cancel": "cancelled", "pause": "paused"}
    assert run.state == expected[end]
    assert set(asked) == {"training"}
    said = capsys.readouterr()
    assert "1/2" in said.err
    assert "loss=4.158" in said.err
    assert "disease=0.912" in said.err
    assert said.out == ""


def test_a_bar_keeps_the_last_numbers(capsys):
    with Bar(10, start=4) as bar:
        bar.move(6, {"loss": 1.0, "entropy": 2.0})
        bar.move(9, {"probe/disease/both": 0.5})
    last = capsys.readouterr().err.rsplit("\r", 1)[-1]
    assert "9/10" in last
    assert "loss=1.000, disease=0.500" in last
