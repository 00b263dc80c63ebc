"""One's own model on one's own pictures, in a terminal, by the same words."""

import json

import numpy as np
import pytest
from PIL import Image

from plantedu.__main__ import main

MINE = """
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 6, 3), nn.Linear(6, 2)
        for one in self.parameters():
            nn.init.constant_(one, 0.1)
        self.fc.bias.data[1], self.fc.weight.data[1] = 1.0, 0.2  # all are rust, as half of them are
    def forward(self, x):
        return self.fc(self.conv(x).relu().mean((2, 3)))
"""


@pytest.fixture
def words(tmp_path, monkeypatch):
    """The options that name a model and 20 pictures of two classes."""
    draw = np.random.default_rng(0)
    for k in range(20):
        path = tmp_path / "leaves" / ("rust" if k % 2 else "healthy") / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = draw.integers(0, 150 + 100 * (k % 2), (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    (tmp_path / "mine_of_command.py").write_text(MINE)
    monkeypatch.syspath_prepend(str(tmp_path))
    data = f"images:{tmp_path / 'leaves'}"
    return ["--model", "py:mine_of_command:Net", "--data", data, "--size", "32"]


def test_a_probe_is_printed_saved_and_given_as_json(words, tmp_path, capsys):
    assert main(["own", "probe", *words, "--save", str(tmp_path / "x.csv"), "--json"]) == 0
    said = capsys.readouterr().out
    assert "random Net" in said
    found = json.loads(said.splitlines()[-1])
    assert found["lines"][0]["control"] == "shuffled labels"
    assert (tmp_path / "x.csv").read_text().startswith("what,value")


@pytest.mark.parametrize(
    "method",
    [
        ["similarity", "--other", "cross-0"],
        ["attack", "--method", "fgsm"],
        ["attribute", "--method", "gxi"],
    ],
)
def test_every_method_runs(words, capsys, method):
    assert main(["own", method[0], *words, *method[1:]]) == 0
    assert "null" in capsys.readouterr().out


def test_what_cannot_be_is_one_sentence(words, tmp_path, capsys):
    assert main(["own", "probe", *words[:2], "--data", "images:nowhere"]) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert main(["own", "probe", *words, "--save", str(tmp_path / "no" / "x.csv")]) == 2
    assert main(["own", "probe", "--model", "timm:resnet1", "--data", words[3]]) == 2
    assert "Did you mean resnet18" in capsys.readouterr().err
