"""Peers: what captum's default does, and that ours is no weaker than theirs on a small model."""

import pytest
import torch
from torch import nn

from plantedu.topics.attacks.criteria import CrossEntropy, Margin
from plantedu.topics.attacks.gradient import PGD
from plantedu.topics.attacks.threat_model import Budget


@pytest.mark.filterwarnings("ignore")
def test_captum_walks_the_wrong_way_on_logits_unless_told_the_loss(bent, views):
    import captum.robust

    labels = bent(views.float() / 255).argmax(1)

    def loss(given, shift=0.0, **knobs):
        attack = captum.robust.PGD(
            lambda a, b: bent(torch.stack([a, b])) + shift, given, lower_bound=0, upper_bound=1
        )
        pair = tuple((x.float() / 255).requires_grad_() for x in views)
        new = attack.perturb(pair, radius=0.02, step_size=0.005, step_num=6, target=labels, **knobs)
        return nn.functional.cross_entropy(bent(torch.stack(new)), labels), new

    clean = nn.functional.cross_entropy(bent(views.float() / 255), labels)
    assert loss(None, shift=-9.0)[0] < clean  # the same probabilities, the other direction
    assert loss(None, shift=9.0)[0] > clean
    mended = nn.CrossEntropyLoss(reduction="none")
    assert loss(mended)[0] > clean
    masks = (torch.ones_like(views[0]).float(), torch.zeros_like(views[1]).float())
    _, new = loss(mended, mask=masks)
    assert torch.equal(new[1], views[1].float() / 255)


class Six(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(torch.stack([x[:, :3], x[:, 3:]]))


@pytest.mark.filterwarnings("ignore")
def test_no_weaker_than_foolbox_in_l2(bent, views, draw):
    foolbox = pytest.importorskip("foolbox")
    labels = bent(views.float() / 255).argmax(1)
    joined = torch.cat([x.float() / 255 for x in views], 1)
    model = foolbox.PyTorchModel(Six(bent).eval(), bounds=(0, 1), device="cpu")
    theirs = foolbox.attacks.L2PGD(rel_stepsize=0.125, steps=20)
    radius = 8 / 255
    _, new, _ = theirs(model, joined, labels, epsilons=radius * joined[0].numel() ** 0.5)
    robust = (Six(bent)(new).argmax(1) == labels).float().mean()
    budget = Budget.on("both", radius, norm="l2_pair")
    ours = PGD(steps=20)(bent, views, CrossEntropy(labels), budget, generator=draw())
    assert ours.robust.mean() <= robust + 1 / len(labels)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["PGD", "APGD"])
def test_no_weaker_than_torchattacks_in_linf(bent, views, draw, name):
    torchattacks = pytest.importorskip("torchattacks")
    from plantedu.topics.attacks.family import make

    labels = bent(views.float() / 255).argmax(1)
    joined, radius = torch.cat([x.float() / 255 for x in views], 1), 8 / 255
    knobs = {"steps": 20, "alpha": radius / 8} if name == "PGD" else {"steps": 20}
    new = getattr(torchattacks, name)(Six(bent).eval(), eps=radius, **knobs)(joined, labels)
    robust = (Six(bent)(new).argmax(1) == labels).float().mean()
    ours = make(name.lower(), steps=20)(
        bent, views, Margin(labels), Budget.on("both", radius), generator=draw()
    )
    assert ours.robust.mean() <= robust + 1 / len(labels)
