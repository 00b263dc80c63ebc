"""Results and figures of lesson 09.

    uv run python -m benchmarks.lesson_attribution report    # graded table -> 09_report.json
    uv run python -m benchmarks.lesson_attribution single    # one map -> 09_attribute.json
    uv run python -m benchmarks.lesson_attribution guess     # guessing game -> 09_guess.json
    uv run python -m benchmarks.lesson_attribution random    # random networks -> 09_random.json
    uv run python -m benchmarks.lesson_attribution speed     # seconds -> 09_speed.json
    uv run python -m benchmarks.lesson_attribution lesson    # the text -> 09_attribution.json
    uv run python -m benchmarks.lesson_attribution figures   # -> lessons/figures/09_*.svg, .png

One thread (OMP_NUM_THREADS=1); the report takes some minutes, the others seconds.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.figures import save as save_figure
from plantedu.analysis import attribute as mapping
from plantedu.analysis import attribution as grading
from plantedu.attacks.victims import Namer
from plantedu.attribution.baselines import baseline
from plantedu.attribution.cascade import likeness
from plantedu.attribution.graded import ROWS, SAYS_ROW
from plantedu.attribution.grades import grade
from plantedu.attribution.guessing import Game, Round
from plantedu.attribution.methods import method
from plantedu.attribution.names import ARMS, BASELINES
from plantedu.attribution.pictures import address, heat, plain, scaled
from plantedu.attribution.scores import ClassLead
from plantedu.attribution.subjects import FRESH_SEED, Plants, Subjects
from plantedu.drawing import Drawing
from plantedu.evidence import Evidence, t_interval
from plantedu.runs.jobs import bank_folder
from plantedu.training import cued
from plantedu.training.randomness import generator_for, numpy_generator_for

LESSONS = Path(__file__).parents[1] / "lessons"
RESULTS, FIGURES = LESSONS / "results", LESSONS / "figures"
NETWORK = "lesions-0"
REPORT = grading.Settings(plants=24, deep=8)
PLAYED = ("guided", "ig blur", "gradcam", "gxi", "smoothgrad", "ig black")  # rounds, in order
SHOWN = ("gxi", "ig black", "ig blur", "gradcam", "guided")  # columns of the figure
SHORT = {row: row.replace(" ", "_") for row in (*ROWS, *BASELINES)}


def write(name: str, found: dict[str, Any], command: str, *, indent: int | None = 1) -> None:
    """A result with the command that makes it."""
    whole = {"command": f"uv run python -m {command}", **found}
    text = json.dumps(whole, indent=indent) + "\n"
    (RESULTS / f"09_{name}.json").write_text(text, encoding="utf-8")


def read(kind: Any, name: str) -> Any:
    """A committed result."""
    found = json.loads((RESULTS / f"09_{name}.json").read_text(encoding="utf-8"))
    found.pop("command")
    return kind.from_json(found)


def report() -> None:
    """The graded table, all arms."""
    began = time.perf_counter()

    def told(done: int, of: int) -> None:
        print(f"{done} of {of} maps, {time.perf_counter() - began:.0f} s", flush=True)

    found = grading.attribution(REPORT, bank_folder=bank_folder(), told=told)
    grading.tell(found)
    write("report", found.as_json(), "benchmarks.lesson_attribution report", indent=None)


def single() -> None:
    """The map that the page opens with."""
    found = mapping.attribute(mapping.Settings(), bank_folder=bank_folder())
    mapping.tell(found)
    write("attribute", found.as_json(), "benchmarks.lesson_attribution single")


def guess() -> None:
    """Trained or random, one plant a method, sides by lot."""
    plants, subjects = Plants(True, "", len(PLAYED) + 2), Subjects(None)
    nets = [subjects.scored(NETWORK, fresh=fresh) for fresh in (False, True)]
    sides = numpy_generator_for(0, "guessing").permutation([0, 1] * (len(PLAYED) // 2))
    rounds = []
    for k, row in enumerate(PLAYED):
        name, knobs = ROWS[row]
        maps = [
            scaled(
                method(name, **knobs)(
                    one, plants.batch, 1, generator=generator_for(0, f"guess {row}")
                ).relevance
            )
            for one in nets
        ]
        trained = int(sides[k])
        shown = dict(zip("ab", maps if trained == 0 else maps[::-1], strict=True))
        pictures = {}
        for s, sensor in enumerate(("rgb", "rgn")):
            view = plants.views[s, k]
            pictures[sensor] = address(plain(view), colours=96)
            for side, both in shown.items():
                pictures[f"{side} {sensor}"] = address(heat(both[s, k], view), colours=96)
        rounds.append(Round(row, plants.pairs.plants[k], pictures, "ab"[trained]))
    game = Game(NETWORK, tuple(rounds))
    write("guess", game.as_json(), "benchmarks.lesson_attribution guess", indent=None)


def speed() -> None:
    """Integrated gradients of 16 pairs, 32 steps, the best of three."""
    settings = mapping.Settings(plants=16, steps=32)
    runs = [mapping.attribute(settings, bank_folder=None).seconds for _ in range(3)]
    found = {"seconds": min(runs), "threads": torch.get_num_threads(), "pairs": 16, "steps": 32}
    print(found)
    write("speed", found, "benchmarks.lesson_attribution speed")


def lesson() -> None:
    """What the text says, where tests find it."""
    result = read(grading.AttributionResult, "report")
    table: dict[str, Any] = {}
    for g in result.table:
        place = table.setdefault(g.arm, {}).setdefault(g.cue, {})
        place[SHORT[g.row]] = {
            **{name: e.as_json() for name, e in g.grades.items()},
            "accuses": g.accuses.as_json(),
            "beats": g.beats.as_json(),
        }
    shares: dict[str, Any] = {}
    for one in result.shares:
        place = shares.setdefault(one.arm, {})
        place[SHORT[one.row]] = {"rgb": one.rgb.as_json(), "ranks": one.ranks.as_json()}
    moved: dict[str, Any] = {}
    for one in (*result.learned, *result.not_learned):
        moved.setdefault(one.arm, {}).setdefault(one.cue, {})[one.network] = one.moved.as_json()
    deep = {
        SHORT[d.row]: {
            "cascade": d.cascade,
            "deletion": d.deletion.as_json(),
            "insertion": d.insertion.as_json(),
            "blurred": d.blurred.as_json(),
            "infidelity": d.infidelity,
            "sensitivity": d.sensitivity,
        }
        for d in result.deep
    }
    found = {
        "table": table,
        "shares": shares,
        "moved": moved,
        "deep": deep,
        "winners": winners(result),
        "best_of_captum": best_of_captum(result),
    }
    write("attribution", found, "benchmarks.lesson_attribution lesson")


def random_networks() -> None:
    """How often maps of random networks accuse the mark, network by network -> 09_random.json."""
    plants = Plants(True, "", 24)
    mask = plants.masks["mark"]
    known = [baseline(name, plants.views, plants.leaf) for name in BASELINES]
    highest = np.stack([grade("mass", one, mask) for one in known]).max(0)
    shares: dict[str, list[float]] = {"ig blur": [], "gxi": []}
    for seed in range(FRESH_SEED, FRESH_SEED + 8):
        model = cued.make_cued(cued.CueRecipe(seed=seed)).eval()
        scored = ClassLead(Namer(model, side=cued.SIDE), cued.CLASSES["lesions"]).eval()
        for row, kept in shares.items():
            name, knobs = ROWS[row]
            drawn = generator_for(0, f"map {row}")
            found = method(name, **knobs)(scored, plants.batch, 1, generator=drawn)
            accused = grade("mass", found.relevance, mask) > highest
            kept.append(float(accused.mean()))
    own = shares["ig blur"]
    told = Evidence(
        question="For which share of plants do maps of random networks accuse the mark?",
        value=float(np.mean(own)),
        null=float(np.mean(shares["gxi"])),
        control="gradient x input on the same random networks",
        n=len(mask[0]),
        seeds=len(own),
        interval=t_interval(own),
    )
    extremes = {"lowest": min(own), "highest": max(own), "networks": own}
    found = {"mark": told.as_json() | extremes, "guided": guided_all_random()}
    write("random", found, "benchmarks.lesson_attribution random")


def guided_all_random() -> dict[str, object]:
    """How alike guided backprop's map is to itself on random weights, three networks."""
    plants, subjects = Plants(True, "", 8), Subjects(None)
    alike: dict[str, list[float]] = {"guided": [], "ig blur": []}
    for network in ARMS["lesions"]:
        nets = [subjects.scored(network, fresh=fresh) for fresh in (False, True)]
        for row, kept in alike.items():
            name, knobs = ROWS[row]
            maps = [
                method(name, **knobs)(
                    one, plants.batch, 1, generator=generator_for(0, f"map {row}")
                ).relevance
                for one in nets
            ]
            kept.append(float(likeness(maps[0], maps[1]).mean()))
    told = Evidence(
        question="How alike is the guided map after all weights are random?",
        value=float(np.mean(alike["guided"])),
        null=float(np.mean(alike["ig blur"])),
        control="integrated gradients from blur",
        n=len(plants.indices),
        seeds=len(alike["guided"]),
        interval=t_interval(alike["guided"]),
    )
    return told.as_json() | {"networks": alike}


def winners(result: Any) -> dict[str, object]:
    """How many of the methods surely beat every baseline on the lesions that are used."""
    lines = [g for g in result.lines("lesions", "lesions") if g.row in ROWS]
    sure = sum(g.beats.interval is not None and g.beats.interval[0] > 0 for g in lines)
    return Evidence(
        question="How many of ten maps beat the best baseline, interval above 0?",
        value=float(sure),
        null=0.0,
        control="baselines, of which none beats the best",
        n=result.settings.plants,
        seeds=result.settings.seeds,
    ).as_json() | {"of": len(lines)}


def best_of_captum(result: Any) -> dict[str, str]:
    """Which row each of captum's metrics likes best."""
    return {
        name: min(result.deep, key=lambda d: getattr(d, name)).row
        for name in ("infidelity", "sensitivity")
    }


def save(name: str, drawing: Drawing) -> None:
    """A chart as a figure of lesson 09."""
    save_figure(f"09_{name}", drawing, width=560)


def figures() -> None:
    """Charts and maps as pictures for readers of the markdown."""
    from plantedu.charts.attribution import cascade_chart

    result = read(grading.AttributionResult, "report")
    save("grades", result.chart())
    save("false_alarms", result.chart(arm="mark", cue="lesions"))
    save("cascade", cascade_chart({SAYS_ROW[d.row]: d.cascade for d in result.deep}))
    maps()


def maps() -> None:
    """Three rows of maps of one plant: the lesion network, the mark network, random weights."""
    plants, subjects = Plants(True, "", 2), Subjects(None)
    nets = [("lesions-0", False), ("mark-0", False), ("lesions-0", True)]
    bands = []
    for name, fresh in nets:
        scored = subjects.scored(name, fresh=fresh)
        for s in (0, 1):
            view = plants.views[s, 0]
            mask = plants.masks["lesions"][s, 0] | plants.masks["mark"][s, 0]
            cells = [plain(view)]
            for row in SHOWN:
                kind, knobs = ROWS[row]
                drawn = generator_for(0, f"guess {row}")
                found = method(kind, **knobs)(scored, plants.batch, 1, generator=drawn)
                cells.append(heat(scaled(found.relevance)[s, 0], view, mask))
            gap = np.full((cells[0].shape[0], 6, 3), 255, np.uint8)
            bands.append(np.concatenate([x for cell in cells for x in (cell, gap)][:-1], 1))
            width = 14 if s else 4
            bands.append(np.full((width, bands[-1].shape[1], 3), 255, np.uint8))
    whole = Image.fromarray(np.concatenate(bands[:-1])).quantize(200)
    whole.save(FIGURES / "09_maps.png", optimize=True)


PARTS = {
    "report": report,
    "single": single,
    "guess": guess,
    "random": random_networks,
    "speed": speed,
    "lesson": lesson,
    "figures": figures,
}


def main(words: list[str]) -> None:
    for word in words:
        PARTS[word]()


if __name__ == "__main__":
    main(sys.argv[1:])
