"""Foreign encoders where the course's own go, and who may name them."""

import pytest
import timm
import torch
from safetensors.torch import save_file

from plantedu.errors import PlantEduError
from plantedu.zoo.any_encoder import load_any_encoder
from plantedu.zoo.encoders import load_encoder

MINE = """
from torch import nn
class Mean(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
    def forward(self, x):
        return self.conv(x).mean((2, 3))
class Two(nn.Module):
    def forward(self, x, y):
        return x + y
"""


def test_timm_says_what_the_network_without_its_classifier_says(tmp_path):
    made = timm.create_model("convnext_atto", num_classes=3).eval()
    save_file(made.state_dict(), tmp_path / "x.safetensors")
    one = load_any_encoder(f"timm:convnext_atto@{tmp_path / 'x.safetensors'}")
    assert (one.side, one.layers) == (224, ("h",))
    x = torch.rand(2, 3, 64, 64)
    wanted = made.forward_head(made.forward_features(one.encoder.normalised(x)), pre_logits=True)
    assert torch.allclose(one.encoder(x), wanted, atol=1e-4)
    assert one.width("h") == wanted.shape[1]


def test_a_module_of_ones_own(tmp_path, monkeypatch):
    (tmp_path / "mine_of_any.py").write_text(MINE)
    monkeypatch.syspath_prepend(str(tmp_path))
    one = load_any_encoder("py:mine_of_any:Mean")
    assert one.h(torch.rand(3, 3, 40, 40)).shape == (3, 6)
    with pytest.raises(PlantEduError, match="takes two pictures"):
        load_any_encoder("py:mine_of_any:Two")


def test_the_course_own_are_as_before():
    x = torch.rand(2, 3, 40, 40)
    assert torch.equal(load_any_encoder("cross-0").h(x), load_encoder("cross-0").h(x))


@pytest.mark.parametrize("words", ["file:x.safetensors", "a/x.safetensors", "timm:resnet18@x.pt",
                                   "py:os:getcwd"])  # fmt: skip
def test_a_page_names_no_file_and_no_module(words):
    with pytest.raises(PlantEduError, match="page"):
        load_any_encoder(words, here=False)


@pytest.mark.parametrize("words", ["timm:resnet18", "py:mine:net"])
def test_what_needs_more_than_h_says_so(words):
    with pytest.raises(PlantEduError, match="needs an encoder of the course"):
        load_encoder(words)
