"""The one grammar for encoders, and who may name what."""

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.zoo.named_networks import named_network, of_module, of_timm

MINE = """
from torch import nn
def net(): return nn.Conv2d(3, 8, 3)
def none(): return 3
"""


def test_names_of_the_course():
    one = named_network("cross-0")
    assert (one.side, one.cameras, one.layer) == (40, 1, "h")
    both = named_network("supervised_both-0")
    assert (both.cameras, both.layer) == (2, "input:classifier.head")
    assert named_network("random:7").side == 40


def test_timm_takes_size_and_normalisation_from_its_configuration(tmp_path):
    made = timm.create_model("resnet18", num_classes=3)
    save_file(made.state_dict(), tmp_path / "mine.safetensors")
    one = named_network(f"timm:resnet18@{tmp_path / 'mine.safetensors'}")
    assert one.network.num_classes == 3
    assert torch.equal(one.network.conv1.weight, made.conv1.weight)
    assert (one.side, one.mean) == (224, (0.485, 0.456, 0.406))
    assert one.origin == "timm:resnet18@mine.safetensors"
    headless = {k: v for k, v in made.state_dict().items() if not k.startswith("fc.")}
    save_file(headless, tmp_path / "less.safetensors")
    assert of_timm("resnet18", tmp_path / "less.safetensors").network.num_classes == 0


def test_without_a_file_the_name_says_that_weights_are_random():
    assert named_network("timm:convnext_atto").name == "convnext_atto (random weights)"


def test_a_module_of_ones_own_is_named_by_a_person_alone(tmp_path, monkeypatch):
    (tmp_path / "mine_of_a_test.py").write_text(MINE)
    monkeypatch.syspath_prepend(str(tmp_path))
    words = "py:mine_of_a_test:net"
    assert isinstance(named_network(words, code=True).network, nn.Conv2d)
    with pytest.raises(PlantEduError, match="not a page, a request or a file"):
        named_network(words)
    with pytest.raises(PlantEduError, match="returned a int"):
        named_network("py:mine_of_a_test:none", code=True)
    with pytest.raises(PlantEduError, match="has no function 'no'"):
        named_network("py:mine_of_a_test:no", code=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("timm:resnet19", "Did you mean resnet"),
        ("timm:resnet18@/none.safetensors", "There is no file"),
        ("py:no_such_module_here:net", "no module 'no_such_module_here'"),
        ("py:alone", "py:MODULE:FUNCTION names a function"),
        ("nobody", "ships with this copy"),
        ("run:12345678", "12345678"),
    ],
)
def test_words_that_name_nothing_are_sentences(words, said):
    with pytest.raises(PlantEduError, match=said):
        named_network(words, code=True)


def test_a_module_without_a_configuration_says_so():
    assert "in [0, 1]" in of_module(nn.Conv2d(3, 2, 1)).origin
