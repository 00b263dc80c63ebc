"""ELP in a real fastai Learner, beside ShowGraphCallback: the same bits, and no hook is left."""

import pytest
import torch

pytest.importorskip("fastai.callback.schedule")  # its own import warnings are ignored with it

from fastai.callback.core import Callback
from fastai.callback.progress import ShowGraphCallback
from fastai.callback.schedule import LRFinder

import plantedu as pe
from tests.own.loops import hooks
from tests.training.test_fastai import learner

pytestmark = pytest.mark.filterwarnings(  # fastai's load, after its learning-rate finder
    "ignore:.*numpy.core is deprecated:DeprecationWarning"
)


class Breaks(Callback):
    def after_backward(self):
        raise KeyError("broken")


def test_it_stands_beside_the_graph_and_training_ends_in_the_same_bits(tmp_path, capsys):
    elp = pe.ELP(layers=["0"], classes=3, learning_rate=0.3)
    watched, plain = learner(tmp_path), learner(tmp_path)
    for one, more in ((watched, [elp.fastai()]), (plain, [])):
        torch.manual_seed(5)
        one.fit_one_cycle(4, 1e-2, cbs=[ShowGraphCallback(), *more])
    weights = plain.model.state_dict()
    assert all(torch.equal(v, weights[k]) for k, v in watched.model.state_dict().items())
    assert watched.recorder.values == plain.recorder.values
    assert hooks(watched.model) == 0
    assert (elp.step_count, elp.restarts) == (16, [8, 16])
    keys = set(elp.to_frame())
    assert {"loss", "probe/0", "null/0", "start/0", "gap/0", "valid/0", "chance"} <= keys
    assert len(elp.series()["valid/0"]) == 4
    capsys.readouterr()


def test_no_hook_is_left_by_a_fit_that_breaks(tmp_path, capsys):
    watched, elp = learner(tmp_path), pe.ELP(layers=["0"], classes=3)
    with pytest.raises(KeyError):
        watched.fit(1, cbs=[elp.fastai(), Breaks()])
    assert hooks(watched.model) == 0
    capsys.readouterr()


def test_a_learning_rate_finder_is_not_watched(tmp_path, capsys):
    watched, elp = learner(tmp_path), pe.ELP(layers=["0"], classes=3)
    watched.add_cb(elp.fastai())
    watched.fit(1, cbs=LRFinder(num_it=4))
    assert (elp.step_count, hooks(watched.model)) == (0, 0)
    capsys.readouterr()
