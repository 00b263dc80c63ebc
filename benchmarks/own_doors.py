"""The doors of `import plantedu as pe` beside captum, torchattacks and ckatorch: lines and seconds.

    python -m benchmarks.own_doors

The same network (foreign-b) and the same 64 leaves. Both sides start from a network that takes
normalised pictures and from pictures in [0, 1]; what each needs from there stands in its snippet.
They do not give the same: ours gives the number, its interval and its nulls (a random-init twin,
shuffles, noise, an edge map), theirs the number or the maps alone. The time is that of all of it,
so what ours costs more is what its nulls cost. Turns alternate in one process, one thread; stated
are medians of processor seconds. quantus is not among the packages of this environment, and
lightly's linear probe is a training of Lightning: neither has a row.

Written to `lessons/results/12_doors.json`.
"""

import json
import statistics
import time
from dataclasses import dataclass
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
UNIT = "classifier = nn.Sequential(Normalize(0.5, 0.5), net)\n"
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
        beyond: What ours gives that theirs does not.
    """

    name: str
    peer: str
    ours: str
    theirs: str
    beyond: str


DOORS = (
    Door(
        "debiased CKA of two networks",
        "ckatorch",
        OURS + "pe.similarity(me, pe.model(other, size=64, mean=0.5, std=0.5), data)",
        FEATURES + 'float(cka_base(a, b, unbiased=True, method="fro_norm"))',
        "199 shuffles, the random-init twin, pixels, intervals",
    ),
    Door(
        "APGD, 10 steps, within 4 grey levels",
        "torchattacks",
        OURS + 'pe.attack(me, data, "apgd", radius=4 / 255, steps=10)',
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
        UNIT
        + "y = classifier(x).argmax(1)\n"
        + "IntegratedGradients(classifier).attribute(x, x * 0, target=y, n_steps=16)",
        "maps of the random-init twin, an edge map, deletion curves, intervals",
    ),
)


def lines_of(text: str) -> int:
    """Lines of code that one types."""
    return sum(bool(line.strip()) for line in text.splitlines())


def names() -> dict[str, Any]:
    """What both sides start from."""
    import torchattacks
    from ckatorch import cka_base

    with np.load(LEAVES, allow_pickle=False) as kept:
        x, labels = kept["x1"][:COUNT], kept["labels"][:COUNT]
    return {
        "pe": pe,
        "torch": torch,
        "nn": nn,
        "torchattacks": torchattacks,
        "cka_base": cka_base,
        "Normalize": Normalize,
        **{name: getattr(captum.attr, name)
           for name in ("LayerAttribution", "LayerGradCam", "IntegratedGradients")},
        "net": shipped_foreign("foreign-b"),
        "other": shipped_foreign("foreign-a"),
        "x": torch.from_numpy(x).float() / 255,
        "data": images(x, size=SIDE, labels=labels),
    }  # fmt: skip


def seconds(text: str, known: dict[str, Any]) -> float:
    """Processor seconds of a snippet."""
    code, began = compile(text, "snippet", "exec"), time.process_time()
    exec(code, dict(known))
    return time.process_time() - began


def main() -> None:
    """Measure, print a table, write."""
    torch.set_num_threads(1)
    known, rows = names(), []
    for door in DOORS:
        turns = [(seconds(door.ours, known), seconds(door.theirs, known))
                 for _ in range(TURNS + 1)][1:]  # fmt: skip
        ours, theirs = (statistics.median(side) for side in zip(*turns, strict=True))
        row = {
            "name": door.name,
            "peer": door.peer,
            "lines": {"ours": lines_of(door.ours), "theirs": lines_of(door.theirs)},
            "seconds": {"ours": ours, "theirs": theirs},
            "times": ours / theirs,
            "beyond": door.beyond,
        }
        rows.append(row)
        print(f"| {door.name} | {door.peer} | {row['lines']['ours']} / {row['lines']['theirs']} | "
              f"{ours:.2f} / {theirs:.2f} s | {door.beyond} |", flush=True)  # fmt: skip
    found = {"command": "python -m benchmarks.own_doors", "pictures": COUNT, "doors": rows}
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
