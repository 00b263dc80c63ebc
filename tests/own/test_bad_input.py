"""What cannot be examined, through every door: `pe.*`, the command, and the job of the page.

Each is one sentence that names what was given, in less time than an examination. What can be read
after all is read, and the report's first page says how.
"""

import re
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import plantedu as pe
from plantedu.__main__ import main
from plantedu.errors import PlantEduError
from plantedu.own import examine as door
from plantedu.own import examine_job
from plantedu.own.examination.copies import copies
from plantedu.store.store import Store
from plantedu.store.work import Work

NETWORKS = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, weight=.1):
        super().__init__()
        self.memory = nn.LSTM(4, 5)
        self.fc = nn.Linear(3, 2)
        nn.init.constant_(self.fc.weight, weight)
    def forward(self, x):
        self.memory(torch.zeros(1, len(x), 4))
        return self.fc(x.mean((2, 3)))

class Three(Net):
    def forward(self, x, y, z):
        return super().forward(x + y + z)

class Several(Net):
    def forward(self, x):
        return x.mean((2, 3)), x

class Sized(Net):
    def forward(self, x):
        return super().forward(x.reshape(len(x), 3, 32, 32))

class Unmade(nn.Module):
    def forward(self, x):
        return self.conv(x)

class Empty(Net):
    def forward(self, x):
        return super().forward(x / 0 * 0)

def nan():
    return Net(float("nan"))

def wanting():
    raise KeyError("weights")
"""
DRAW = np.random.default_rng(0)


def kept(kind: str, count: int = 20, same: bool = False):
    """Pictures of two classes, of one kind of file."""
    for k in range(count):
        shape = {"grey": (40, 40), "deep": (40, 40), "clear": (40, 40, 4)}.get(kind, (40, 40, 3))
        wide = 2**16 if kind == "deep" else 2**8
        pixels = DRAW.integers(0, wide, shape).astype(np.uint16 if kind == "deep" else np.uint8)
        yield f"c{k % 2}/{k}.png", np.full_like(pixels, 9) if same else pixels


FOLDERS = {
    "fine": lambda: kept("fine"),
    "one": lambda: (("c0/" + name[3:], x) for name, x in kept("fine")),
    "four": lambda: kept("fine", 4),
    "same": lambda: kept("fine", same=True),
    "clear": lambda: kept("clear"),
    "grey": lambda: kept("grey"),
    "deep": lambda: kept("deep"),
    "odd": lambda: (),
    "flat": lambda: ((name[3:], x) for name, x in kept("fine")),
}
CASES = {  # what: encoder, pictures, and what the sentence says
    "no module": ("py:nowhere_at_all:net", "fine", "there is no module 'nowhere_at_all'"),
    "a broken module": ("py:broken_networks:net", "fine", "cannot be read: SyntaxError"),
    "no function": ("py:bad_networks:nothing", "fine", "has no function 'nothing'"),
    "a function that raises": ("py:bad_networks:wanting", "fine", "wanting raised KeyError"),
    "no network": ("py:bad_networks:torch", "fine", "no function|returned"),
    "no name": ("resnet999", "fine", "resnet999"),
    "no timm network": ("timm:resnet18q", "fine", "no network called 'resnet18q'"),
    "three inputs": ("py:bad_networks:Three", "fine", r"wants 3 inputs \(x, y, z\)"),
    "a tuple": ("py:bad_networks:Several", "fine", "gives a tuple|answers tuple"),
    "wrong size": ("py:bad_networks:Sized", "fine", "224 x 224 pixels .* size=N"),
    "a network without its parts": ("py:bad_networks:Unmade", "fine", "AttributeError"),
    "NaN weights": ("py:bad_networks:nan", "fine", "not finite"),
    "NaN features": ("py:bad_networks:Empty", "fine", "not finite"),
    "no pictures there": ("py:bad_networks:Net", "missing", "no folder|names no data"),
    "no labels": ("py:bad_networks:Net", "flat", "needs labels"),
    "one class": ("py:bad_networks:Net", "one", "two classes or more; all are of one, 'c0'"),
    "four pictures": ("py:bad_networks:Net", "four", "16 pictures or more; got 4"),
    "the same picture": ("py:bad_networks:Net", "same", "All 20 pictures .* the same"),
    "odd files alone": ("py:bad_networks:Net", "odd", "no picture that can be read"),
    "see-through": ("py:bad_networks:Net", "clear", "see-through"),
}
READ = {  # what is read after all, and what the first page says of it
    "greyscale": ("grey", "20 of greyscale"),
    "16 bit": ("deep", "20 of 16-bit greyscale"),
    "some odd files": ("fine+odd", "2 of 22 pictures of .* were left out, first"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with modules and folders of pictures."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "bad_networks.py").write_text(NETWORKS)
    (folder / "broken_networks.py").write_text("def net(:")
    for name, made in [*FOLDERS.items(), ("fine+odd", FOLDERS["fine"])]:
        (folder / name).mkdir()
        for file, pixels in made():
            (folder / name / file).parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(folder / name / file)
        if "odd" in name:
            (folder / name / "c0").mkdir(exist_ok=True)
            (folder / name / "c0" / "notes.txt").write_text("x")
            (folder / name / "c0" / "torn.jpg").write_bytes(b"no picture")
    return folder


@pytest.fixture(autouse=True)
def there(place, tmp_path, monkeypatch):
    """In that folder, with an examination of one section."""
    monkeypatch.chdir(place)
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path))
    monkeypatch.setattr(door, "SECTIONS", (("copies", "Twice?", copies),))
    yield
    for name in ("bad_networks", "broken_networks"):
        sys.modules.pop(name, None)


def by_python(encoder, data, tmp_path, capsys, monkeypatch) -> str:
    with pytest.raises(PlantEduError) as said:
        pe.examine(pe.model(encoder), pe.images(data, size=224)).save(tmp_path / "r.html")
    return str(said.value)


def by_command(encoder, data, tmp_path, capsys, monkeypatch) -> str:
    out = tmp_path / "r.html"
    words = ["examine", "--encoder", encoder, "--data", data, "--out", str(out)]
    assert main(words) == 2
    assert not out.exists()
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def by_page(encoder, data, tmp_path, capsys, monkeypatch) -> str:
    """The job, with the network and the pictures in the place of what ships."""
    monkeypatch.setattr(examine_job, "model", lambda _: pe.model(encoder))
    monkeypatch.setattr(examine_job, "images", lambda _, size: pe.images(data, size=size))
    with pytest.raises(PlantEduError) as said:
        examine_job.job(working(tmp_path))
    return str(said.value)


def working(tmp_path) -> Work:
    store = Store(tmp_path / "plantedu.sqlite")
    request = {"encoder": "foreign-a"}
    run = store.submit("examine", request, lane="analysis", learner="a" * 22, fresh=True)
    store.lease("analysis", "tester")
    return Work(store, store.run(run), SimpleNamespace(wish=""))


@pytest.mark.filterwarnings("ignore:.*(were left out|were made 8-bit):UserWarning")
@pytest.mark.parametrize("through", [by_python, by_command, by_page])
@pytest.mark.parametrize("what", CASES)
def test_bad_input_is_a_sentence(what, through, tmp_path, capsys, monkeypatch):
    encoder, data, expected = CASES[what]
    said = through(encoder, f"images:{data}", tmp_path, capsys, monkeypatch)
    assert re.search(expected, said, re.DOTALL), said
    assert len(said) < 500


@pytest.mark.parametrize("what", READ)
def test_what_is_read_after_all_is_told(what, tmp_path, capsys, monkeypatch):
    data, expected = READ[what]
    with pytest.warns(UserWarning, match=expected):
        report = pe.examine("py:bad_networks:Net", pe.images(data, size=224))
    assert re.search(expected, report.save(tmp_path / "r.html").read_text())


def test_the_command_says_it_plainly(tmp_path, capsys):
    words = ["--encoder", "py:bad_networks:Net", "--data", "images:grey"]
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["examine", *words, "--out", str(tmp_path / "r.html")]) == 0
    said = capsys.readouterr().err
    assert "plantedu: Pictures of images:grey, centre were made 8-bit colour: 20 of" in said
    assert "UserWarning" not in said


@pytest.mark.parametrize(
    ("layer", "expected"),
    [("memory", "tuple"), ("layer9", "has no layer 'layer9'"), ("fc", "")],
)
def test_a_layer_that_gives_a_tuple_is_a_sentence(layer, expected, capsys, tmp_path):
    words = ["--model", "py:bad_networks:Net", "--layer", layer, "--data", "images:fine"]
    if not expected:
        assert pe.model("py:bad_networks:Net", layer=layer).dim == 2
        return
    with pytest.raises(PlantEduError, match=expected):
        pe.model("py:bad_networks:Net", layer=layer)
    assert main(["own", "probe", *words]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("encoder", ["py:bad_networks:Net", "file:mine.safetensors", "timm:x@y"])
def test_a_page_names_no_file_and_no_module(encoder, tmp_path):
    work = working(tmp_path)
    work.run.request["encoder"] = encoder
    with pytest.raises(PlantEduError, match="A page names what ships"):
        examine_job.job(work)
