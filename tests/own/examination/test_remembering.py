"""What is remembered is what would be found again, bit by bit, and is not looked for again."""

import numpy as np
import pytest
import timm
import torch

from plantedu.errors import PlantEduError
from plantedu.own import examine as door
from plantedu.own.examination import remembering as place
from plantedu.own.examination.interventions import interventions
from plantedu.own.examination.remembering import Remembering, remembering
from plantedu.own.images import images
from plantedu.own.model import model
from plantedu.own.probe import probe
from plantedu.own.similarity import similarity

pytestmark = pytest.mark.slow  # it trains, or measures a whole method

DRAW = np.random.default_rng(0)
DATA = images(DRAW.integers(0, 256, (20, 3, 32, 32), dtype=np.uint8), size=32,
              labels=np.arange(20) % 2)  # fmt: skip
SIDES = {"resnet18": {}, "vit_tiny_patch16_224": {"img_size": 32, "patch_size": 8}}


def network(name="resnet18", classes=2):
    torch.manual_seed(0)
    return timm.create_model(name, num_classes=classes, **SIDES[name]).eval()


@pytest.fixture
def passes():
    """How many pictures went through any network's first convolution."""
    found = []
    own = torch.nn.Conv2d.forward

    def counted(self, x):
        if x.shape[1] == 3:
            found.append(len(x))
        return own(self, x)

    torch.nn.Conv2d.forward = counted
    yield found
    torch.nn.Conv2d.forward = own


@pytest.mark.parametrize("layer", [None, "layer3", "input:fc"])
def test_the_same_bits_as_two_passes(layer):
    plain = model(network(), size=32, layer=layer)
    own = remembering(plain)
    assert repr(own) == repr(plain)
    assert torch.equal(own.features(DATA), plain.features(DATA))
    assert torch.equal(own.logits(DATA), plain.logits(DATA))
    assert torch.equal(own.random_twin(pictures=DATA).features(DATA),
                       plain.random_twin(pictures=DATA).features(DATA))  # fmt: skip


def test_a_vit_and_a_network_without_a_head():
    for plain in (model(network("vit_tiny_patch16_224"), size=32),
                  model(network(classes=0), size=32)):  # fmt: skip
        own = remembering(plain)
        assert torch.equal(own.features(DATA), plain.features(DATA))
        there = own.logits(DATA), plain.logits(DATA)
        assert there == (None, None) or torch.equal(*there)


def test_nothing_is_looked_at_twice_and_other_pictures_are(passes):
    me = remembering(model(network(), size=32))
    me.features(DATA)
    seen = sum(passes)
    me.features(np.asarray(DATA.pictures))
    me.logits(DATA)
    assert sum(passes) == seen
    me.features(DATA[1:])
    assert sum(passes) == seen + 19
    twin = me.random_twin(pictures=DATA)
    assert isinstance(twin, Remembering)
    assert me.random_twin(pictures=DATA) is twin
    assert me.random_twin(1, pictures=DATA) is not twin


def test_what_is_given_may_be_changed_by_who_got_it():
    me = remembering(model(network(), size=32))
    first = me.features(DATA)
    whole = first.clone()
    first.zero_()
    assert torch.equal(me.features(DATA), whole)


def test_old_ones_are_forgotten(monkeypatch):
    monkeypatch.setattr(place, "KEPT", 2)
    me = remembering(model(network(), size=32))
    for k in range(4):
        me.features(DATA[k : k + 2])
    assert len(me.kept) == 2


def test_features_that_are_not_finite_are_refused_each_time():
    made = network()
    me = remembering(model(made, size=32))
    me.reader.network.layer4.register_forward_hook(
        lambda *_: torch.full((20, 512, 1, 1), torch.nan)
    )
    for _ in range(2):
        with pytest.raises(PlantEduError, match="not finite"):
            me.features(DATA)


def test_sections_say_the_same_and_cost_fewer_passes(passes):
    asked = {}
    for name in ("plain", "own"):
        one = door._asked(model(network(), size=32), DATA, None, None, True, 0)
        if name == "plain":
            object.__setattr__(one, "me", model(network(), size=32))
        passes.clear()
        found = [
            *interventions(one),
            probe(one.me, one.data, shuffles=2),
            similarity(one.me, one.me.random_twin(1), one.data, shuffles=19, halves=9),
        ]
        asked[name] = [part.lines for part in found], sum(passes)
    assert asked["own"][0] == asked["plain"][0]
    assert asked["own"][1] < 0.7 * asked["plain"][1]
