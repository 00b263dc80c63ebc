"""`import plantedu as pe`: light, lazy, complete; the lines of its docstring run as they stand."""

import inspect
import re
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

import plantedu as pe
from tests.test_house import ROOT


def test_nothing_heavy_is_imported_until_it_is_used():
    code = (
        "import sys, time; t = time.perf_counter(); import plantedu as pe; dir(pe); "
        "print(time.perf_counter() - t, *[m for m in ('torch', 'numpy', 'pandas', 'timm', 'altair')"
        " if m in sys.modules])"
    )
    tries = [subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
             for _ in range(3)]  # fmt: skip
    assert all(len(done.stdout.split()) == 1 for done in tries), tries[0].stdout
    assert min(float(done.stdout) for done in tries) < 0.1


@pytest.mark.parametrize("name", pe.__all__)
def test_every_door_opens_and_says_what_it_gives(name):
    door = getattr(pe, name)
    called = "" if inspect.isroutine(door) or inspect.isclass(door) else type(door).__call__.__doc__
    doc = f"{door.__doc__ or ''}{called or ''}"
    assert callable(door)
    assert len(doc) > 200
    assert "Args:" in doc or "Attributes:" in doc
    assert name in dir(pe)


def test_the_table_of_doors_is_what_help_teaches():
    assert set(pe.__all__) <= set(re.findall(r"pe\.(\w+)", pe.__doc__))


def test_no_other_name_is_there():
    with pytest.raises(AttributeError, match="no attribute 'probing_'"):
        _ = pe.probing_
    assert import_module("plantedu.errors").PlantEduError  # modules stay what they are


@pytest.fixture
def leaves(tmp_path):
    draw = np.random.default_rng(0)
    for k in range(24):
        path = tmp_path / "leaves" / ("rust" if k % 2 else "healthy") / f"{k}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = draw.integers(0, 150 + 100 * (k % 2), (70, 80, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path, quality=95)
    return tmp_path


def test_the_lines_of_the_docstring_run(leaves, monkeypatch):
    """As they stand, but for a smaller size; those of other rooms in their own tests."""
    monkeypatch.chdir(leaves)
    torch.manual_seed(0)
    net = timm.create_model("resnet18", num_classes=2)
    save_file(net.state_dict(), "mine.safetensors")
    me = pe.model(net, layer="layer4", mean=0.5, std=0.25, size=64)
    you = pe.model("timm:resnet18", weights="mine.safetensors", size=64)
    data = pe.images("leaves/", size=64)
    assert pe.similarity(me, you, data, shuffles=20, halves=20).lines[0][1].n == 24
    assert len(pe.probe(me, data).to_frame()) == 4
    assert pe.attack(me, data, "apgd", radius=4 / 255, steps=4).lines[0][1].null >= 0
    pe.attribute(me, data[:16], "gradcam").save("maps.svg")
    assert (leaves / "maps.svg").stat().st_size > 10_000


TRIED = {  # what was tried, with a side that keeps it short; random weights
    "resnet18": (32, {}),
    "vit_tiny_patch16_224": (32, {"img_size": 32, "patch_size": 8}),
    "swin_s3_tiny_224": (64, {"img_size": 64, "window_size": 2, "depths": (1, 1, 1, 1)}),
    "swin_tiny_patch4_window7_224": (64, {"img_size": 64, "window_size": 2}),
    "resnet50": (64, {}),
    "convnext_atto": (64, {}),
    "efficientnet_b0": (64, {}),
    "res2next50": (64, {}),
}
QUICK = ("resnet18", "vit_tiny_patch16_224", "swin_s3_tiny_224")


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in TRIED],
)
def test_networks_that_were_tried_go_through_every_topic(name):
    side, words = TRIED[name]
    draw = np.random.default_rng(0)
    x = draw.integers(0, 150, (16, 3, side, side), dtype=np.uint8)
    x[::2, 0] += 90
    torch.manual_seed(0)
    data = pe.images(x, size=side, labels=np.arange(16) % 2)
    me = pe.model(timm.create_model(name, num_classes=2, **words), size=side)
    assert me.features(data).shape == (16, me.dim)
    assert me.logits(data).shape == (16, 2)
    assert pe.probe(me, data, shuffles=2)[me.name].n == 16
    found = pe.similarity(me, me, data, shuffles=19, halves=20).lines
    assert found[0][1].value == pytest.approx(1, abs=1e-5)
    assert found[1][1].value < 0.9999  # the twin is another network
    assert pe.attack(me, x[:4], "fgsm").attacked.size_255.max() <= 4
    maps = pe.attribute(me, data[:3], "gradcam")
    assert maps.relevance.shape == (1, 3, side, side)
    assert maps.relevance.max() > 0
