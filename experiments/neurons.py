"""Results and figures of lesson 10.

    uv run python -m experiments.neurons units          # -> 10_units_NAME.json, 10_removed
    uv run python -m experiments.neurons polysemy       # -> 10_polysemy.json
    uv run python -m experiments.neurons grown          # -> 10_grown.json
    uv run python -m experiments.neurons dictionaries   # -> 10_dictionary.json, checkpoints/
    uv run python -m experiments.neurons known          # -> 10_recovery.json
    uv run python -m experiments.neurons steered        # -> 10_steer.json, figures/10_steer-*
    uv run python -m experiments.neurons summary        # -> 10_neurons.json
    uv run python -m experiments.neurons figures        # -> lessons/figures/10_*.svg

Without a word, all of them; about twenty minutes of one core (OMP_NUM_THREADS=1).
"""

import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.figures import save
from experiments.parts import read, run, write_by_line
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.store.cards import write_card
from plantedu.store.paths import home
from plantedu.topics.neurons.ablation import refitted
from plantedu.topics.neurons.dictionary import dictionary
from plantedu.topics.neurons.polysemy import polysemy
from plantedu.topics.neurons.recovery import FITTING, recovery
from plantedu.topics.neurons.results.dictionary import DictionaryResult
from plantedu.topics.neurons.results.dictionary import Settings as Dictionaries
from plantedu.topics.neurons.results.polysemy import PolysemyResult
from plantedu.topics.neurons.results.polysemy import Settings as Kinds
from plantedu.topics.neurons.results.steer import Settings as Steer
from plantedu.topics.neurons.results.steer import SteerResult
from plantedu.topics.neurons.results.units import NeuronsResult
from plantedu.topics.neurons.results.units import Settings as Units
from plantedu.topics.neurons.selectivity import selectivity
from plantedu.topics.neurons.sparse_autoencoder import Sparse
from plantedu.topics.neurons.spatial_activations import Plot
from plantedu.topics.neurons.steer import steered
from plantedu.topics.neurons.units import neurons
from plantedu.training.checkpoints import load_checkpoint
from plantedu.whole_files import write_whole
from plantedu.zoo.encoders import load_encoder
from plantedu.zoo.random_init import CONTROL_SEEDS

COMMAND = "uv run python -m experiments.neurons {}"
ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "lessons" / "figures"
SHIPPED = ROOT / "checkpoints" / "dictionaries"
CONTROL = CONTROL_SEEDS[0]
ENCODERS = {  # as pages call them
    "cross": "cross-0",
    "rgb_only": "rgb_only-0",
    "supervised": "supervised_rgb-0",
    "random": f"random:{CONTROL}",
}
ROWS = 2048 * 4 * 2  # places of both sensors' pictures that a dictionary is trained on
COUNTS = (0, 8, 32, 128, 256, 384, 448, 480, 496)
DICTIONARIES = {
    "topk": Dictionaries(untrained=CONTROL, steps=400, controls=3),
    "batchtopk": Dictionaries(rule="batchtopk", untrained=CONTROL, steps=400, controls=3),
    "narrow": Dictionaries(width=128, untrained=CONTROL, steps=400, controls=3),
    "rgb_only": Dictionaries(encoder="rgb_only-0", sensors=("rgb",), steps=400),
    "supervised": Dictionaries(encoder="supervised_rgb-0", sensors=("rgb",), steps=400),
}


def units() -> None:
    """Every unit of one encoder of each kind, and what is lost without the selective ones."""
    for name, words in ENCODERS.items():
        found = neurons(Units(words), folder=home()).as_json()
        write_by_line(f"10_units_{name}", {"command": COMMAND.format("units")} | found)
    write_by_line("10_removed", {"command": COMMAND.format("units")} | removed())


def removed() -> dict[str, Any]:
    """R2 of disease from h of cross-0 without its most selective units, or any at random."""
    plot = Plot(FIRST_HELD_OUT, 1024, home())
    x = plot.places(load_encoder("cross-0"), "rgb").mean(dim=1).double().numpy()
    (one, _), rng = plot.targets("rgb", ("disease",)), np.random.default_rng(0)
    fitted = rng.permutation(len(x)) < len(x) // 2
    order = np.argsort(-selectivity(x, [one], generator=rng, shuffles=1).value[:, 0])
    stays, anew = refitted(x, one, order, COUNTS, fitted=fitted)
    lots = [refitted(x, one, rng.permutation(x.shape[1]), COUNTS, fitted=fitted) for _ in range(5)]
    plain = {"counts": list(COUNTS), "stays": stays.tolist(), "anew": anew.tolist()}
    plain |= {f"lots_{name}": np.mean([lot[k] for lot in lots], axis=0).tolist()
             for k, name in enumerate(("stays", "anew"))}  # fmt: skip
    return plain | {"n": len(x), "orders at random": len(lots)}


def kinds() -> None:
    """Four kinds of encoder with their seeds."""
    found = polysemy(Kinds(), folder=home()).as_json()
    write_by_line("10_polysemy", {"command": COMMAND.format("polysemy")} | found)


def grown() -> None:
    """How the polysemy index of one encoder grows with the number of plants; participation too."""
    rows = []
    for plants in (128, 512, 2048):
        found = neurons(Units("cross-0", plants=plants), folder=home())
        numbers = {k: found.numbers[k].as_json() for k in ("index", "participation", "false")}
        rows.append({"plants": plants} | numbers)
    write_by_line("10_grown", {"command": COMMAND.format("grown"), "rows": rows})


def dictionaries() -> None:
    """Dictionaries of cross-0 by both rules and two widths, and of two other encoders."""
    SHIPPED.mkdir(exist_ok=True)
    found: dict[str, Any] = {"command": COMMAND.format("dictionaries")}
    for name, settings in DICTIONARIES.items():
        path = SHIPPED / "cross-0.safetensors" if name == "topk" else None
        one = dictionary(settings, folder=home(), keep=path)
        found[name] = one.as_json()
        if path is not None:
            card(path, one)
        print(name, flush=True)
    write_by_line("10_dictionary", found)


def known() -> None:
    """The positive control of both rules: the lesson's settings, and settings made for it."""
    found: dict[str, Any] = {"command": COMMAND.format("known")}
    for rule in ("topk", "batchtopk"):
        lesson = Sparse(width=512, k=8, rule=rule, steps=400)
        for name, how in (("lesson", lesson), ("made for it", replace(FITTING, rule=rule))):
            found[f"{rule}, {name}"] = asdict(recovery(how, name, rows=ROWS))
    write_by_line("10_recovery", found)


def card(path: Path, one: DictionaryResult) -> None:
    """Describe the dictionary that ships."""
    recipe = load_checkpoint(path)[1]["dictionary"]
    made = {"kind": "dictionary", "recipe": recipe, "settings": asdict(one.settings)}
    write_card(
        path,
        command=COMMAND.format("dictionaries"),
        headlines=headlines(one),
        about="Sparse dictionary of the last maps of cross-0, TopK, half precision",
        made=made | {"seed": recipe["seed"], "threads": 1, "step": recipe["steps"]},
    )


def headlines(one: DictionaryResult) -> dict[str, Any]:
    """What its card says: rebuilt and readable, beside PCA and neurons."""
    mine, pca, raw = (one.row(name) for name in ("dictionary", "PCA", "neurons"))
    said = {
        "FVU": (mine.fvu, pca.fvu, "PCA with the same k"),
        "best-unit AUROC": (mine.readable, raw.readable, "neurons"),
    }
    return {
        name: Evidence(question=name, value=v, null=null, control=control, n=1024).as_json()
        for name, (v, null, control) in said.items()
    }


def steering() -> None:
    """The most readable features of the shipped dictionary, pushed up; pictures of the first."""
    features = DictionaryResult.from_json(bare(read("10_dictionary")["topk"])).features
    chosen, rows = one_for_each(features), []
    for k, feature in enumerate(chosen):
        asked = Steer(feature=feature.number, plants=12)
        out = home() / "steer" if k == 0 else None
        found = steered(asked, folder=home(), out=out)
        rows.append({"question": feature.question, "auroc": feature.auroc} | found.as_json())
        if out is not None:
            for name in ("x1", "x2"):
                write_whole(FIGURES / f"10_steer-{name}.png", (out / f"{name}.png").read_bytes())
    write_by_line("10_steer", {"command": COMMAND.format("steered"), "rows": rows})


def one_for_each(features: Any, most: int = 6) -> list[Any]:
    """The best feature of each question."""
    found: dict[str, Any] = {}
    for one in features:
        found.setdefault(one.question, one)
    return list(found.values())[:most]


def summary() -> None:
    """The numbers of the lesson's text and what settles its predictions."""
    whole = PolysemyResult.from_json(bare(read("10_polysemy")))
    means = {k: {kind: e.as_json() for kind, e in row.items()} for k, row in whole.means.items()}
    turn = [one.numbers["index_turned"] for one in whole.encoders if one.kind == "cross"]
    by_luck = [one.numbers["index"].null for one in whole.encoders if one.kind == "cross"]
    index = whole.differences["index"]["rgb_only"]
    used = whole.means["used"]["cross"]
    kept = read("10_dictionary")
    rows = {name: DictionaryResult.from_json(one).rows for name, one in bare(kept).items()}
    fit = {row.name: row.fvu for row in rows["topk"]}
    found = {
        "means": means,
        "differences": {
            name: {kind: one.as_json() for kind, one in row.items()}
            for name, row in whole.differences.items()
        },
        "turned": evidence(
            "Factors of a neuron less factors of a turned unit",
            float(np.mean([one.value - one.null for one in turn])),
            *(float(np.mean(by_luck)), "what luck gives either", turn[0].n, len(turn)),
        )
        | {"interval": t_interval([one.value - one.null for one in turn])},
        "turned_rgb_only": turned_in(whole, "rgb_only"),
        "cross_less_rgb": index.as_json() | {"value": surely(index)},
        "used": used.as_json(),
        "same_less_order": {kind: own_meaning(whole, kind) for kind in whole.means["same"]},
        "untrained": evidence(
            "FVU of the dictionary of an untrained encoder, less that of the trained one's",
            fit["of an untrained encoder"] - fit["dictionary"],
            *(0.0, "no difference", 1024, 1),
        ),
        "readable": {
            name: {
                row.name: evidence("AUROC of the best unit", row.readable, 0.5, "chance", 1024, 1)
                for row in ones
            }
            for name, ones in rows.items()
        },
        "steered": steer_summary(),
        "tell_disease": tell_disease(),
    }
    write_by_line("10_neurons", {"command": COMMAND.format("summary")} | found)


def evidence(
    question: str, value: float, null: float, control: str, n: int, seeds: int
) -> dict[str, Any]:
    """A number of the text beside its null."""
    made = Evidence(question=question, value=value, null=null, control=control, n=n, seeds=seeds)
    return made.as_json()


def turned_in(whole: PolysemyResult, kind: str) -> dict[str, Any]:
    """Factors of a neuron less factors of a turned unit, in encoders of another kind."""
    ones = [one.numbers["index_turned"] for one in whole.encoders if one.kind == kind]
    values = [one.value - one.null for one in ones]
    found_in = evidence(
        f"Factors of a neuron less factors of a turned unit, {kind}",
        float(np.mean(values)),
        *(0.0, "h turned at random", ones[0].n, len(values)),
    )
    return found_in | {"interval": t_interval(values)}


def tell_disease() -> int:
    """Units of cross-0 that tell disease beyond luck."""
    cross = NeuronsResult.from_json(bare(read("10_units_cross")))
    place = cross.names.index("disease")
    return sum(place in unit.significant for unit in cross.units)


def own_meaning(whole: PolysemyResult, kind: str) -> dict[str, Any]:
    """How much more a unit is like itself through the other camera than like another unit."""
    values = [m.same.value - m.same.null for m in whole.encoders if m.kind == kind]
    first = whole.means["same"][kind]
    meaning = evidence(
        "Cosine of a unit with itself through the other camera, less with another unit",
        float(np.mean(values)),
        *(0.0, "units in another order", first.n, len(values)),
    )
    return meaning | {"interval": t_interval(values)}


def surely(one: Evidence) -> float:
    """End of the interval nearest to 0; 0 where the interval holds it."""
    low, high = one.interval or (0.0, 0.0)
    return low if low > 0 else high if high < 0 else 0.0


def steer_summary() -> dict[str, Any]:
    """Which features move what they answer best, beyond pushes elsewhere."""
    rows = []
    for row in read("10_steer")["rows"]:
        one = row["effects"].get(row["question"])
        if one is not None:
            low, high = one["interval"]
            beyond = abs(one["value"]) > 2 * one["null"] and low * high > 0
            summary = {"feature": row["settings"]["feature"], "beyond": bool(beyond)}
            summary |= {"value": one["value"], "null": one["null"]}
            most = max(row["effects"].items(), key=lambda pair: abs(pair[1]["value"]))
            summary |= {"most": most[0], "first": most[0] == row["question"]}
            rows.append({"question": row["question"]} | summary)
    counts = {name: sum(r[name] for r in rows) for name in ("beyond", "first")}
    return {"rows": rows, **counts, "of": len(rows)}


def figures() -> None:
    """The charts as pictures for readers of the markdown."""
    cross = NeuronsResult.from_json(bare(read("10_units_cross")))
    kinds_ = PolysemyResult.from_json(bare(read("10_polysemy")))
    topk = DictionaryResult.from_json(bare(read("10_dictionary")["topk"]))
    best = max(cross.units, key=lambda one: max(one.excess)).number
    save("10_map", cross.chart())
    save("10_unit", cross.unit_chart(best))
    save("10_used", cross.used_chart())
    for name in ("index", "disentanglement", "monosemanticity", "same"):
        save(f"10_kinds_{name}", kinds_.chart(name))
    save("10_dictionary", topk.chart())
    save("10_auroc", topk.auroc_chart())
    first = {k: v for k, v in read("10_steer")["rows"][0].items() if k not in ("question", "auroc")}
    save("10_steer", SteerResult.from_json(first).chart())


def bare(found: dict[str, Any]) -> dict[str, Any]:
    """A result without the command that made it."""
    return {name: value for name, value in found.items() if name != "command"}


PARTS: dict[str, Callable[[], None]] = {
    "units": units,
    "polysemy": kinds,
    "grown": grown,
    "dictionaries": dictionaries,
    "known": known,
    "steered": steering,
    "summary": summary,
    "figures": figures,
}


if __name__ == "__main__":
    run(PARTS, sys.argv[1:])
