"""The callback in a real fastai Learner: it watches, draws, and changes no bit."""

import re

import pytest
import torch
from torch import nn

pytest.importorskip("fastai.callback.schedule")  # its own import warnings are ignored with it

from fastai.callback.schedule import LRFinder
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat

from plantedu.errors import PlantEduError
from plantedu.training import fastai as module
from plantedu.training.fastai import EpisodicLinearProbe, smooth

pytestmark = pytest.mark.filterwarnings(  # fastai's load, after its learning-rate finder
    "ignore:.*numpy.core is deprecated:DeprecationWarning"
)


def learner(path):
    """Three blurred classes, a network with dropout, data in an order that draws random numbers."""
    torch.manual_seed(0)
    y = torch.randint(3, (96,))
    x = torch.randn(3, 1, 4, 4)[y] + 0.3 * torch.randn(96, 1, 4, 4)
    sets = [torch.utils.data.TensorDataset(x[part], y[part]) for part in (slice(64), slice(64, 96))]
    loaders = [
        torch.utils.data.DataLoader(s, batch_size=16, shuffle=k == 0) for k, s in enumerate(sets)
    ]
    body = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Dropout(0.2))
    net = nn.Sequential(body, nn.Flatten(), nn.Linear(32, 3))
    made = Learner(DataLoaders(*loaders), net, loss_func=CrossEntropyLossFlat(), path=path)
    made.logger = lambda *_: None
    return made


@pytest.fixture
def drawn(monkeypatch):
    """What the progress bar was asked to draw."""
    from fastprogress.fastprogress import ConsoleMasterBar

    graphs = []
    monkeypatch.setattr(
        ConsoleMasterBar,
        "update_graph",
        lambda bar, curves, x, y: graphs.append((list(bar.names), curves, x, y)),
    )
    return graphs


def test_it_watches_and_draws_and_training_ends_in_the_same_bits(tmp_path, drawn, capsys):
    watched, probe = learner(tmp_path), EpisodicLinearProbe("0", classes=3, learning_rate=0.3)
    plain = learner(tmp_path)
    for one, callbacks in ((watched, [probe]), (plain, [])):
        torch.manual_seed(5)
        one.fit_one_cycle(5, 1e-2, cbs=callbacks)
    weights = plain.model.state_dict()
    assert all(torch.equal(v, weights[k]) for k, v in watched.model.state_dict().items())
    assert watched.recorder.values == plain.recorder.values

    assert (len(probe.train), len(probe.valid), len(probe.batches)) == (5, 5, 20)
    assert probe.restarts == [8, 16]
    assert len(probe.gaps) == 5
    assert probe.valid[1] > 0.6  # chance is a third
    assert probe.batches[8] < 0.7  # fresh again
    assert not watched.model[0]._forward_hooks
    capsys.readouterr()

    assert len(drawn) == 5
    names, curves, x, y = drawn[-1]
    assert names == ["probe, training batches", "probe, validation"]
    assert curves[0] == (list(range(1, 21)), smooth(probe.batches))
    assert curves[1] == ([4, 8, 12, 16, 20], probe.valid)
    assert (x, y) == ((0, 20), (0, 1))


def test_a_learning_rate_finder_is_not_watched(tmp_path, capsys):
    watched, probe = learner(tmp_path), EpisodicLinearProbe("0", classes=3)
    watched.add_cb(probe)
    watched.fit(1, cbs=LRFinder(num_it=6))
    assert probe.batches == []
    assert not watched.model[0]._forward_hooks
    capsys.readouterr()


def test_the_example_in_its_first_lines_runs(tmp_path, capsys):
    text = re.search(r"\n\n((    .*\n|\n)+)", module.__doc__)[1]
    code = "\n".join(line[4:] for line in text.splitlines())
    exec(compile(code, "example", "exec"), {"learn": learner(tmp_path)})
    assert "[8, 16]" in capsys.readouterr().out


def test_a_layer_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PlantEduError, match="no layer 'encoder'"):
        learner(tmp_path).fit(1, cbs=EpisodicLinearProbe("encoder", classes=3))
