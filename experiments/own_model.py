"""What lesson 12 quotes: `examine` of the two foreign networks that ship, and what do() says.

    uv run python -m experiments.own_model report     # both networks, whole: two minutes
    uv run python -m experiments.own_model figures

The networks and the leaves are those of `experiments.planted_foreign`. Beside each report stand
two things that an owner of photographs cannot have, and a planter has: the share of names that the
mark changes on bare leaves, and what is named correctly once the mark is assigned at random.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from experiments.figures import save
from experiments.parts import read, run, write
from experiments.planted_foreign import CLASSES, Network, followed, looked_at, planted, which
from plantedu.charts.forest import forest_chart
from plantedu.own.examination.page_settings import LEAVES
from plantedu.own.examination.report_numbers import by_name, from_names
from plantedu.own.examine import examine
from plantedu.own.images import images
from plantedu.own.model import Model, model
from plantedu.own.probe import probe
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.zoo.planted_foreign import NAMES, shipped_foreign

COMMAND = "experiments.own_model report"
FOLLOWED = 4  # lines of a figure for each network


def report() -> None:
    """Both reports, and what stands beside them."""
    found: dict[str, Any] = {}
    for name in NAMES:
        me = model(name)
        with tempfile.TemporaryDirectory() as folder:
            made = examine(me, images(f"npz:{LEAVES}", size=me.side), keep=Path(folder),
                           progress=lambda said: print(said, flush=True))  # fmt: skip
        seconds = sum(one.seconds for one in made.sections)
        beside = checked(Network(shipped_foreign(name)))
        found[name[-1]] = by_name(made) | {"seconds": seconds, "beside": beside}
        print(f"{name}: {seconds:.0f} processor seconds", flush=True)
    write("12_report", found | {"bare": bare(model(NAMES[-1]))}, COMMAND)


def checked(network: Network) -> dict[str, Any]:
    """do(mark) on bare leaves; shares that are right, the mark as it was, and at random."""
    x, labels = looked_at(0)
    at_random = planted(x, "mark", 0, which(labels, 0.0, 0, "looked"))
    with np.load(LEAVES, allow_pickle=False) as kept:
        as_it_was = kept["x1"]
    majority = float(np.bincount(labels).max() / len(labels))
    rights = {
        word: mean_over_plants(
            f"What share of leaves is named correctly, the mark {says}?",
            (network.names(pictures) == labels).astype(float),
            majority,
            "always the larger class",
            kind="share",
        ).as_json()
        for word, says, pictures in (
            ("as_it_was", "as in the fine-tuning of foreign-b", as_it_was),
            ("dealt", "assigned at random", at_random),
        )
    }
    return {"do_mark": followed(network, 0).as_json(), **rights}


def bare(me: Model) -> dict[str, Any]:
    """What a linear reader finds of the labels where no mark stands in any picture."""
    x, labels = looked_at(0)
    data = images(x, size=me.side, labels=[CLASSES[k] for k in labels])
    return {what: one.as_json() for what, one in probe(me, data).lines}


def figures() -> None:
    """What predictions follow, of both networks, beside the same exchange within a class."""
    lines: list[tuple[str, Evidence]] = []
    for letter in ("a", "b"):
        section = from_names(read("12_report")[letter])["hidden"]
        own = [line for line in section.lines if "beyond" not in line.what]
        lines += [(f"{letter}: {one.what}", one.found) for one in own[:FOLLOWED]]
    save("12_followed", forest_chart(lines, unit="share of predictions that follow", zero=True))


if __name__ == "__main__":
    run({"report": report, "figures": figures}, sys.argv[1:])
