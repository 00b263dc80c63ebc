"""The doors of `import plantedu as pe` beside captum, torchattacks and ckatorch: lines and seconds.

    python -m benchmarks.own_doors

The same network (foreign-b) and the same 64 leaves. Both sides start from a network that takes
normalised pictures and from pictures in [0, 1]; what each needs from there stands in its snippet.
They do not give the same: ours gives the number, its interval and its nulls (a random-init twin,
shuffles, noise, an edge map), theirs the number or the maps alone. So there are two times of ours:
that of all of it, and `bare`, with `null=False`, which gives what theirs gives and says that no
null was computed. Turns alternate in one process, one thread; stated are medians of processor
seconds, and ratios of one run.

quantus is under the (L)GPL: it is no dependency and no extra of this package, and is run here
alone. Where it is not installed its row stays as it was measured. To measure it:

    pip install --no-deps --target /tmp/quantus quantus opencv-python-headless cycler
    PYTHONPATH=/tmp/quantus python -m benchmarks.own_doors

Written to `lessons/results/12_doors.json`.
"""

import json
import statistics
import time
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import captum.attr
import numpy as np
import torch
from torch import nn
from torchvision.transforms import Normalize

import plantedu as pe
from plantedu.own.examination.page_settings import LEAVES
from plantedu.own.images import images
from plantedu.zoo.planted_foreign import SIDE, shipped_foreign

OUT = Path(__file__).parents[1] / "lessons" / "results" / "12_doors.json"
COUNT, TURNS = 64, 3
OURS = "me = pe.model(net, size=64, mean=0.5, std=0.5)\n"
UNIT = "classifier = nn.Sequential(Normalize(0.5, 0.5), net).eval()\n"
FEATURES = """with torch.no_grad():
    z = (x - 0.5) / 0.5
    a, b = (n.forward_head(n.forward_features(z), pre_logits=True) for n in (net, other))
"""


@dataclass(frozen=True)
class Door:
    """One question, answered by both sides.

    Attributes:
        name: What is asked.
        peer: Who stands beside.
        ours, theirs: Python; imports are not counted.
        bare: Ours without the null; "" where the question needs it.
        beyond: What ours gives that theirs does not.
    """

    name: str
    peer: str
    ours: str
    bare: str
    theirs: str
    beyond: str


DOORS = (
    Door(
        "debiased CKA of two networks",
        "ckatorch",
        OURS + "pe.similarity(me, pe.model(other, size=64, mean=0.5, std=0.5), data)",
        OURS + "pe.similarity(me, pe.model(other, size=64, mean=0.5, std=0.5), data, null=False)",
        FEATURES + 'float(cka_base(a, b, unbiased=True, method="fro_norm"))',
        "199 shuffles, the random-init twin, pixels, intervals",
    ),
    Door(
        "APGD, 10 steps, within 4 grey levels",
        "torchattacks",
        OURS + 'pe.attack(me, data, "apgd", radius=4 / 255, steps=10)',
        OURS + 'pe.attack(me, data, "apgd", radius=4 / 255, steps=10, null=False)',
        UNIT
        + "attack = torchattacks.APGD(classifier, norm='Linf', eps=4 / 255, steps=10)\n"
        + "y = classifier(x).argmax(1)\n"
        + "float((classifier(attack(x, y)).argmax(1) != y).float().mean())",
        "right answers alone, 8-bit pictures, noise of the same size, interval",
    ),
    Door(
        "Grad-CAM maps",
        "captum",
        OURS + 'pe.attribute(me, data, "gradcam")',
        OURS + 'pe.attribute(me, data, "gradcam", null=False)',
        UNIT
        + "y = classifier(x).argmax(1)\n"
        + "LayerAttribution.interpolate(\n"
        + "    LayerGradCam(classifier, net.layer4).attribute(x, target=y), (64, 64))",
        "maps of the random-init twin, an edge map, deletion curves, intervals",
    ),
    Door(
        "integrated gradients, 16 steps",
        "captum",
        OURS + 'pe.attribute(me, data, "ig", steps=16)',
        OURS + 'pe.attribute(me, data, "ig", steps=16, null=False)',
        UNIT
        + "y = classifier(x).argmax(1)\n"
        + "IntegratedGradients(classifier).attribute(x, x * 0, target=y, n_steps=16)",
        "maps of the random-init twin, an edge map, deletion curves, intervals",
    ),
    Door(
        "how far the score falls as pixels go, by integrated gradients of 16 steps",
        "quantus",
        OURS + 'pe.attribute(me, data, "ig", steps=16)',
        "",
        UNIT
        + "y = classifier(x).argmax(1)\n"
        + "maps = IntegratedGradients(classifier).attribute(x, x * 0, target=y, n_steps=16)\n"
        + "flip = quantus.PixelFlipping(512, disable_warnings=True)\n"
        + "flip(classifier, x.numpy(), y.numpy(), maps.sum(1, True).numpy())",
        "maps of the random-init twin, the same of an edge map, intervals",
    ),
    Door(
        "labels read from h",
        "lightly",
        OURS + "pe.probe(me, data)",
        "",
        "with torch.no_grad():\n"
        "    h = net.forward_head(net.forward_features((x - 0.5) / 0.5), pre_logits=True)\n"
        "h, half = nn.functional.normalize(h), torch.arange(len(h)) % 2 == 0\n"
        "said = knn_predict(h[~half], h[half].T, labels[half], num_classes=2, knn_k=20)\n"
        "float((said[:, 0] == labels[~half]).float().mean())",
        "a linear reader in five folds, ten shuffles, the random-init twin, pixels, intervals",
    ),
)


def lines_of(text: str) -> int:
    """Lines of code that one types."""
    return sum(bool(line.strip()) for line in text.splitlines())


def names() -> dict[str, Any]:
    """What both sides start from."""
    import torchattacks
    from ckatorch import cka_base
    from lightly.utils.benchmarking import knn_predict

    with np.load(LEAVES, allow_pickle=False) as kept:
        x, labels = kept["x1"][:COUNT], kept["labels"][:COUNT]
    return {
        "pe": pe,
        "torch": torch,
        "nn": nn,
        "torchattacks": torchattacks,
        "cka_base": cka_base,
        "knn_predict": knn_predict,
        **({"quantus": import_module("quantus")} if find_spec("quantus") else {}),
        "Normalize": Normalize,
        **{name: getattr(captum.attr, name)
           for name in ("LayerAttribution", "LayerGradCam", "IntegratedGradients")},
        "net": shipped_foreign("foreign-b"),
        "other": shipped_foreign("foreign-a"),
        "labels": torch.from_numpy(labels),
        "x": torch.from_numpy(x).float() / 255,
        "data": images(x, size=SIDE, labels=labels),
    }  # fmt: skip


def seconds(text: str, known: dict[str, Any]) -> float:
    """Processor seconds of a snippet."""
    code, began = compile(text, "snippet", "exec"), time.process_time()
    exec(code, dict(known))
    return time.process_time() - began


def measured(door: Door, known: dict[str, Any]) -> dict[str, Any]:
    """A row: lines, processor seconds and how many times theirs."""
    sides = {"ours": door.ours, "theirs": door.theirs} | ({"bare": door.bare} if door.bare else {})
    turns = [{side: seconds(text, known) for side, text in sides.items()}
             for _ in range(TURNS + 1)][1:]  # fmt: skip
    taken = {side: statistics.median(turn[side] for turn in turns) for side in sides}
    return {
        "name": door.name,
        "peer": door.peer,
        "lines": {"ours": lines_of(door.ours), "theirs": lines_of(door.theirs)},
        "seconds": {side: round(value, 3) for side, value in taken.items()},
        "turns": TURNS,
        "times": round(taken["ours"] / taken["theirs"], 3),
        "times_bare": round(taken["bare"] / taken["theirs"], 3) if door.bare else None,
        "beyond": door.beyond,
    }


def main() -> None:
    """Measure, print a table, write."""
    torch.set_num_threads(1)
    known, rows = names(), []
    before = {row["peer"]: row for row in json.loads(OUT.read_text("utf-8"))["doors"]}
    for door in DOORS:
        there = door.peer != "quantus" or "quantus" in known
        if not (there or door.peer in before):
            continue
        row = measured(door, known) if there else before[door.peer]
        rows.append(row)
        print("|", " | ".join(map(str, cells(row))), "|" if there else "| as it was", flush=True)
    found = {"command": "python -m benchmarks.own_doors", "pictures": COUNT, "doors": rows}
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A row in words: question, peer, lines, seconds, times."""
    lines, taken, bare = row["lines"], row["seconds"], row["times_bare"]
    return (
        row["name"],
        row["peer"],
        f"{lines['ours']} / {lines['theirs']} lines",
        f"{taken['ours']:.2f} / {taken['theirs']:.2f} s",
        f"{row['times']:.2f} times",
        "" if bare is None else f"{bare:.2f} times without the null",
    )


if __name__ == "__main__":
    main()
