"""Does `examine` find a hidden shortcut, and does it keep quiet where there is none?

    python -m benchmarks.examine [--seeds 20] [--kind mark|light]

A small ResNet-18 (widths 16, 32, 64, 128; 64 pixels) is first trained on leaves of the course whose
labels say nothing of disease, then fine-tuned to name diseased leaves, twenty times: other leaves,
ground and light, other order. In each data set something is planted, by `own/plant.py`:

    shortcut   a mark in a corner (another one each seed) where the leaf is diseased, rho = .9
    twin       the same mark in half of the pictures, whatever the leaf

`own/examination/hidden.py` looks at 200 pictures that the network was not trained on. Found: a cue
that it reports covers the mark. False alarm: it reports anything for the twin.

Some networks learn the disease and leave the mark alone: there is nothing to be found in them. So
networks are drawn until `--seeds` of them follow their mark: do(), the same leaf with and without
it, changes the name of .3 of the leaves or more. How many were drawn is stated, and how often the
mark was reported for one that does not follow it.

--kind light plants a darker picture in place of the mark. Written to
`lessons/results/12_examine.json`.
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import tyro

from experiments.planted_foreign import finetuned, looked_at, planted, which
from plantedu.own.examination.cues import STATISTICS, regions
from plantedu.own.examination.heads import own_head
from plantedu.own.examination.hidden import Hidden, hidden
from plantedu.own.plant import plant
from plantedu.own.plant_local import CORNERS
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.zoo.planted_foreign import ForeignRecipe

FOLLOWS, LIMIT = 0.3, 4  # share of names that do() changes; data sets drawn for each wanted
RHO = 0.9
OUT = Path(__file__).parents[1] / "lessons" / "results" / "12_examine.json"


@dataclass(frozen=True)
class Options:
    """What is measured.

    Attributes:
        seeds: Data sets whose network follows what was planted, each with its twin.
        kind: What is planted: mark or light.
        out: The file of results; another kind is added to it.
    """

    seeds: int = 20
    kind: str = "mark"
    out: Path = OUT


@dataclass(frozen=True)
class Case:
    """One network.

    Attributes:
        seed: Of its data and its training.
        rho: Correlation of mark and label.
        right: Share of the looked-at pictures that it names correctly.
        used: Share of the looked-at leaves whose name do(planted) changes.
        found: Cues that are reported.
        hit: Whether one of them is what was planted.
        named: The best candidate in the pictures alone, and its p.
        seconds: Processor seconds of looking.
    """

    seed: int
    rho: float
    right: float
    used: float
    found: tuple[str, ...]
    hit: bool
    named: tuple[str, float]
    seconds: float


def case(seed: int, rho: float, kind: str) -> Case:
    """Plant, fine-tune, look."""
    network = finetuned(ForeignRecipe(kind=kind, rho=rho, seed=seed))
    bare, labels = looked_at(seed)
    x = planted(bare, kind, seed, which(labels, rho, seed, "looked"))
    head = own_head(network, 2)
    assert head is not None
    begun = time.process_time()
    found = hidden(head, x, labels, seed=seed)
    seconds = time.process_time() - begun
    rows = np.arange(len(x))
    named = [head(planted(bare, kind, seed, np.full(len(x), on)), rows) for on in (True, False)]
    return Case(
        seed,
        rho,
        float((head(x, rows) == labels).mean()),
        float((named[0] != named[1]).mean()),
        tuple(one.cue for one in found.found),
        covers(found, bare[0], kind, seed),
        (found.named[0].cue, found.named[0].p),
        seconds,
    )


def covers(found: Hidden, x: np.ndarray, kind: str, seed: int) -> bool:
    """Whether a reported cue is what was planted."""
    names = {one.cue for one in found.found}
    if kind != "mark":
        return bool(names & {one.name for one in STATISTICS})
    mask = plant(x[None], kind, 1.0, seed=seed, where=CORNERS[seed % 4]).masks[0]
    places = {one.name: one for one in regions()}
    hits = [places[name].mask(mask.shape) & mask for name in names if name in places]
    return any(hit.any() for hit in hits)


def share(question: str, hits: list[bool], control: list[bool], says: str) -> Evidence:
    """How many of the seeds, beside the other arm."""
    n = len(hits)
    return Evidence(
        question=question,
        value=sum(hits) / n,
        null=sum(control) / n,
        control=says,
        n=n,
        seeds=n,
        interval=count_interval(sum(hits), n),
    )


def main(asked: Options) -> None:
    """Measure, print, write after every seed."""
    arms: dict[str, list[Case]] = {"shortcut": [], "twin": [], "left": []}
    for seed in range(LIMIT * asked.seeds):
        one = case(seed, RHO, asked.kind)
        follows = one.used >= FOLLOWS
        arms["shortcut" if follows else "left"].append(one)
        print_case("shortcut" if follows else "left", one)
        if follows:
            arms["twin"].append(case(seed, 0.0, asked.kind))
            print_case("twin", arms["twin"][-1])
            written(asked, arms)
        if len(arms["twin"]) == asked.seeds:
            break


def print_case(arm: str, one: Case) -> None:
    """A line of one network."""
    print(f"{one.seed:3} {arm:9} right {one.right:.2f} used {one.used:.2f} "
          f"{'FOUND' if one.hit else '-':5} {list(one.found)} {one.named} "
          f"{one.seconds:.1f} s", flush=True)  # fmt: skip


def written(asked: Options, arms: dict[str, list[Case]]) -> None:
    """The result of the seeds so far, in its file and on a line."""
    found = share(
        "In how many of the networks that follow their mark is it found?",
        [one.hit for one in arms["shortcut"]],
        [bool(one.found) for one in arms["twin"]],
        "anything reported for the clean twin",
    )
    hits = sum(one.hit for one in arms["shortcut"])
    alarms = sum(bool(one.found) for one in arms["twin"])
    reported, left = sum(one.hit for one in arms["left"]), len(arms["left"])
    print(f"found {hits} of {found.n}, false alarms {alarms} of {found.n}, "
          f"reported for {reported} of {left} that do not follow it", flush=True)  # fmt: skip
    whole = json.loads(asked.out.read_text()) if asked.out.is_file() else {}
    whole["command"] = "python -m benchmarks.examine"
    whole[asked.kind] = {
        "found": found.as_json(),
        "hits": hits,
        "false_alarms": alarms,
        "drawn": found.n + left,
        "reported_unfollowed": reported,
        "cases": {arm: [asdict(one) for one in cases] for arm, cases in arms.items()},
    }
    asked.out.write_text(json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main(tyro.cli(Options))
