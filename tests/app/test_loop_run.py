"""A run of somebody's own loop on the live page: charts and nulls as it goes, and after."""

import pytest

from plantedu.store.run import LOOP, Metric
from tests.app.conftest import text_of

VALUES = {"loss": 2.0, "probe/layer4": 0.8, "null/layer4": 0.3, "start/layer4": 0.5, "chance": 0.25}


@pytest.fixture
def loop(store, token):
    request = {"layers": ["layer4"], "classes": 4}
    run_id = store.submit(LOOP, request, lane="training", name="mine", worker="loop-1-a")
    rows = [Metric(k, name, value) for k in range(1, 41) for name, value in VALUES.items()]
    store.log(run_id, [*rows, Metric(1, "val_acc", 0.5)], step=40)
    return run_id


def test_a_loop_is_shown_as_it_goes_with_its_nulls(open_page, store, loop):
    app = open_page("02_training", run=loop)
    words = text_of(app)
    assert "**running** · mine" in words
    assert "layer4 0.80, shuffled labels 0.30, random-init start 0.50" in words
    assert "Loss: 2 at first" in words
    assert "val_acc: 0.5 at first" in words


def test_a_loop_that_is_done_stays(open_page, store, loop):
    store.finish(loop, {"loss": 2.0}, worker="loop-1-a")
    app = open_page("02_training", run=loop)
    assert "**done** · mine" in text_of(app)
    assert app.get("download_button")
