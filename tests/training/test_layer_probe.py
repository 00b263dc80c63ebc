"""The probe on a layer: what it takes, when it learns, and that it changes nothing."""

import ast
from pathlib import Path

import pytest
import torch
from torch import nn

import plantedu.training
from plantedu.errors import PlantEduError
from plantedu.training.layer_probe import LayerProbe, find_layer


def toy():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))


LABELS = torch.tensor([0, 1, 2, 2, 1])


def test_what_the_layer_gives_is_averaged_over_places_and_detached():
    net, probe = nn.Conv2d(3, 6, 1), LayerProbe(classes=2)
    probe.attach(net)
    net(torch.randn(4, 3, 5, 5))
    probe.read(torch.tensor([0, 1, 1, 0]), learn=True)
    assert probe.probe is not None
    assert probe.probe.weight1.shape[1] == 6
    assert net.weight.grad is None


def test_it_scores_before_it_learns_and_never_learns_from_validation():
    net, probe = toy(), LayerProbe(classes=3)
    probe.attach(net[0])
    x = torch.randn(5, 4)
    logits = net(x).detach()
    first = probe.read(LABELS, logits, learn=False)
    before = probe.probe.weight2.clone()
    h = net[0](x).detach()
    said = probe.probe(h)
    assert first.accuracy == pytest.approx(float((said.argmax(1) == LABELS).float().mean()))
    rows = torch.arange(5)
    gap = (logits.softmax(1) - said.softmax(1))[rows, LABELS].mean()
    assert first.gap == pytest.approx(float(gap), abs=1e-6)
    net(x)
    second = probe.read(LABELS, None, learn=True)
    assert (second.accuracy, second.gap, second.n) == (first.accuracy, None, 5)
    assert not torch.equal(before, probe.probe.weight2)
    probe.detach()
    net(x)
    with pytest.raises(PlantEduError, match="No batch has passed"):
        probe.read(LABELS, learn=True)


def test_it_draws_nothing_from_the_global_generator_and_adds_nothing_to_the_network():
    net, probe = toy(), LayerProbe(classes=3, every=1)
    keys = list(net.state_dict())
    probe.attach(net[0])
    state = torch.random.get_rng_state()
    net(torch.ones(5, 4))
    probe.read(LABELS, learn=True)
    assert probe.end_pass()
    assert torch.equal(state, torch.random.get_rng_state())
    assert list(net.state_dict()) == keys
    assert probe.probe.weight1.std() < 0.012


def test_layers_go_by_name_or_as_they_are():
    net = toy()
    assert find_layer(net, "2") is find_layer(net, net[2]) is net[2]
    with pytest.raises(PlantEduError, match="no layer 'body'; at its top it has: 0, 1, 2"):
        find_layer(net, "body")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (LABELS[:3], "one class for each"),
        (torch.rand(5), "mixup"),
        (LABELS + 1, "from 0 to 2"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, said):
    net, probe = toy(), LayerProbe(classes=3)
    probe.attach(net[0])
    net(torch.randn(5, 4))
    with pytest.raises(PlantEduError, match=said):
        probe.read(labels, learn=True)


def test_knobs_out_of_range_are_refused():
    with pytest.raises(PlantEduError, match="2 or more"):
        LayerProbe(classes=1)
    with pytest.raises(PlantEduError, match="1 or more"):
        LayerProbe(classes=3, every=0)


def test_a_callback_imports_its_own_library_and_no_other():
    folder, found = Path(plantedu.training.__file__).parent, {}
    for path in folder.glob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        names += [alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names]
        found[path.stem] = {name.split(".")[0] for name in names} & {"fastai", "lightning"}
    alone = {"fastai": {"fastai"}, "lightning": {"lightning"}}
    assert {stem: names for stem, names in found.items() if names} == alone
    assert "layer_probe" in found
