"""Results and figures of lesson 09.

    uv run python -m experiments.attribution report    # graded table -> 09_report.json
    uv run python -m experiments.attribution single    # one map -> 09_attribute.json
    uv run python -m experiments.attribution guess     # guessing game -> 09_guess.json
    uv run python -m experiments.attribution random    # random networks -> 09_random.json
    uv run python -m experiments.attribution speed     # seconds -> 09_speed.json
    uv run python -m experiments.attribution lesson    # the text -> 09_attribution.json
    uv run python -m experiments.attribution figures   # -> lessons/figures/09_*.svg, .png

One thread (OMP_NUM_THREADS=1); the report takes some minutes, the others seconds.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from experiments.figures import save as save_figure
from experiments.parts import read_as, run, write
from plantedu.charts.chart import Drawing
from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.store.paths import bank_folder
from plantedu.topics.attribution import attribute, method_comparison
from plantedu.topics.attribution.baselines import baseline
from plantedu.topics.attribution.deletion import areas
from plantedu.topics.attribution.methods import method
from plantedu.topics.attribution.metrics import grade
from plantedu.topics.attribution.networks import Networks, Plants
from plantedu.topics.attribution.pictures import address, heat, plain, scaled
from plantedu.topics.attribution.randomisation import rank_correlation
from plantedu.topics.attribution.results.attribution_chart import cascade_chart
from plantedu.topics.attribution.results.guessing import Game, Round
from plantedu.topics.attribution.results.method_comparison import ROWS, SAYS_ROW, AttributionResult
from plantedu.topics.attribution.results.names import ARMS, BASELINES
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.zoo.random_init import CONTROL_SEEDS

LESSONS = Path(__file__).parents[1] / "lessons"
FIGURES = LESSONS / "figures"
NETWORK = "lesions-0"
REPORT = method_comparison.Settings(plants=24, controls=5, deep=8)
PLAYED = ("guided", "ig blur", "gradcam", "gxi", "smoothgrad", "ig black")  # rounds, in order
SHOWN = ("gxi", "ig black", "ig blur", "gradcam", "guided")  # columns of the figure
SHORT = {row: row.replace(" ", "_") for row in (*ROWS, *BASELINES)}


def report() -> None:
    """The graded table, all arms."""
    began = time.perf_counter()

    def progress(done: int, of: int) -> None:
        print(f"{done} of {of} maps, {time.perf_counter() - began:.0f} s", flush=True)

    found = method_comparison.attribution(REPORT, bank_folder=bank_folder(), step=progress)
    method_comparison.tell(found)
    write("09_report", found.as_json(), "experiments.attribution report", indent=None)


def single() -> None:
    """The map that the page opens with."""
    found = attribute.attribute(attribute.Settings(), bank_folder=bank_folder())
    attribute.tell(found)
    write("09_attribute", found.as_json(), "experiments.attribution single")


def guess() -> None:
    """Trained or random, one plant a method, sides at random."""
    plants, subjects = Plants(True, "", len(PLAYED) + 2), Networks(None)
    nets = [subjects.scored(NETWORK, control=k) for k in (0, 1)]
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
    write("09_guess", game.as_json(), "experiments.attribution guess", indent=None)


def speed() -> None:
    """Integrated gradients of 16 pairs, 32 steps, the best of three."""
    settings = attribute.Settings(plants=16, steps=32)
    runs = [attribute.attribute(settings, bank_folder=None).seconds for _ in range(3)]
    found = {"seconds": min(runs), "threads": torch.get_num_threads(), "pairs": 16, "steps": 32}
    print(found)
    write("09_speed", found, "experiments.attribution speed")


def lesson() -> None:
    """What the text says, where tests find it."""
    result = read_as(AttributionResult, "09_report")
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
    write("09_attribution", found, "experiments.attribution lesson")


def random_networks() -> None:
    """How often maps of random networks accuse the mark, network by network -> 09_random.json.

    `mark` beside all baselines, `plain` beside those that do not know the reference picture, and
    there the same of |x - blur|, squared, which no network had a part in.
    """
    plants, subjects = Plants(True, "", 24), Networks(None)
    mask = plants.masks["mark"]
    known = {name: baseline(name, plants.views, plants.leaf) for name in BASELINES}
    masses = {name: grade("mass", one, mask) for name, one in known.items()}
    sides = {
        "mark": np.stack(list(masses.values())).max(0),
        "plain": np.stack([masses[name] for name in BASELINES if name.isalpha()]).max(0),
    }
    shares: dict[str, dict[str, list[float]]] = {side: {"ig blur": [], "gxi": []} for side in sides}
    for k in range(len(CONTROL_SEEDS)):
        scored = subjects.scored(NETWORK, control=k + 1)
        for row in ("ig blur", "gxi"):
            name, knobs = ROWS[row]
            drawn = generator_for(0, f"map {row}")
            found = method(name, **knobs)(scored, plants.batch, 1, generator=drawn).relevance
            for side, highest in sides.items():
                shares[side][row].append(float((grade("mass", found, mask) > highest).mean()))
    accused = {side: _accused(side, found, mask.shape[1]) for side, found in shares.items()}
    accused["plain"]["square blur"] = float((masses["square blur"] > sides["plain"]).mean())
    more = {"guided": guided_all_random(), "deletion": deletion_unseen()}
    write("09_random", accused | more, "experiments.attribution random")


def _accused(side: str, shares: dict[str, list[float]], plants: int) -> dict[str, Any]:
    """Share of plants whose map of a random network accuses the mark, over networks."""
    own = shares["ig blur"]
    known = "all eleven baselines" if side == "mark" else "five that know no reference picture"
    evidence = Evidence(
        question=f"How often do maps of random networks accuse the mark, beside {known}?",
        value=float(np.mean(own)),
        null=float(np.mean(shares["gxi"])),
        control="gradient x input on the same random networks",
        n=plants,
        seeds=len(own),
        interval=t_interval(own),
    )
    return evidence.as_json() | {"lowest": min(own), "highest": max(own), "networks": own}


def deletion_unseen() -> dict[str, float]:
    """Area of deletion into the plants without lesions, by maps that no network had a part in.

    The mask of the lesions itself, in an order at random inside it, shows what the area rewards.
    """
    plants, subjects = Plants(True, "", 8), Networks(None)
    scored, mask = subjects.scored(NETWORK), plants.masks["lesions"]
    lot = numpy_generator_for(0, "random order").random(mask.shape)
    known = {n: baseline(n, plants.views, plants.leaf) for n in ("square blur", "edges")}
    maps = {**known, "the mask": mask + lot, "a random order": lot}
    filling = plants.without["lesions"]
    found = {n: areas(scored, plants.batch, filling, r, 1) for n, r in maps.items()}
    return {n.replace(" ", "_"): float(np.nanmean(one)) for n, one in found.items()}


def guided_all_random() -> dict[str, object]:
    """How alike guided backprop's map is to itself on random weights, three networks."""
    plants, subjects = Plants(True, "", 8), Networks(None)
    alike: dict[str, list[float]] = {"guided": [], "ig blur": []}
    for network in ARMS["lesions"]:
        nets = [subjects.scored(network, control=k) for k in (0, 1)]
        for row, kept in alike.items():
            name, knobs = ROWS[row]
            maps = [
                method(name, **knobs)(
                    one, plants.batch, 1, generator=generator_for(0, f"map {row}")
                ).relevance
                for one in nets
            ]
            kept.append(float(rank_correlation(maps[0], maps[1]).mean()))
    evidence = Evidence(
        question="How alike is the guided map after all weights are random?",
        value=float(np.mean(alike["guided"])),
        null=float(np.mean(alike["ig blur"])),
        control="integrated gradients from blur",
        n=len(plants.indices),
        seeds=len(alike["guided"]),
        interval=t_interval(alike["guided"]),
    )
    return evidence.as_json() | {"networks": alike}


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
    result = read_as(AttributionResult, "09_report")
    save("grades", result.chart())
    save("false_alarms", result.chart(arm="mark", cue="lesions"))
    save("cascade", cascade_chart({SAYS_ROW[d.row]: d.cascade for d in result.deep}))
    maps()


def maps() -> None:
    """Three rows of maps of one plant: the lesion network, the mark network, random weights."""
    plants, subjects = Plants(True, "", 2), Networks(None)
    nets = [("lesions-0", 0), ("mark-0", 0), ("lesions-0", 1)]
    bands = []
    for name, control in nets:
        scored = subjects.scored(name, control=control)
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


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
