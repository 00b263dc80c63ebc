"""Weights of a foreign network: safetensors and state dicts, and no code from any file."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from plantedu.errors import PlantEduError
from plantedu.zoo.foreign_weights import file_tensors, load_into


def network(fill: float = 0.5):
    one = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    nn.init.constant_(one[0].weight, fill)
    return one


@pytest.mark.parametrize("word", ["", "module.", "model.", "module.encoder."])
@pytest.mark.parametrize("inside", ["", "state_dict", "model"])
def test_state_dicts_are_read_wherever_frameworks_keep_them(tmp_path, word, inside):
    named = {f"{word}{k}": v for k, v in network().state_dict().items()}
    path = tmp_path / "mine.pt"
    torch.save({inside: named, "epoch": 3} if inside else named, path)
    fresh = network(0.0)
    load_into(fresh, file_tensors(path), path.name, "mine")
    assert torch.equal(fresh[0].weight, network()[0].weight)


def test_safetensors_are_read(tmp_path):
    save_file(network().state_dict(), tmp_path / "x.safetensors")
    assert float(file_tensors(tmp_path / "x.safetensors")["0.weight"].mean()) == 0.5


class Code:
    def __reduce__(self):
        return (print, ("run",))


def test_a_file_with_more_than_weights_is_refused_and_nothing_runs(tmp_path, capsys):
    torch.save({"0.weight": torch.zeros(1), "x": Code()}, tmp_path / "x.pt")
    with pytest.raises(PlantEduError, match="no file of weights alone"):
        file_tensors(tmp_path / "x.pt")
    assert capsys.readouterr().out == ""


def test_other_files_are_sentences(tmp_path):
    with pytest.raises(PlantEduError, match="There is no file"):
        file_tensors(tmp_path / "x.pt")
    (tmp_path / "x.pt").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(PlantEduError, match="no file of weights alone"):
        file_tensors(tmp_path / "x.pt")
    torch.save({"epoch": 3}, tmp_path / "y.pt")
    with pytest.raises(PlantEduError, match="holds no state dict"):
        file_tensors(tmp_path / "y.pt")
    weights = network().state_dict()
    weights["0.weight"] = weights["0.weight"] * float("nan")
    with pytest.raises(PlantEduError, match="not finite"):
        load_into(network(), weights, "x.pt", "mine")
    with pytest.raises(PlantEduError, match="another architecture than mine"):
        load_into(nn.Linear(2, 2), weights, "x.pt", "mine")
