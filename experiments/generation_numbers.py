"""What predictions and text of lesson 05 ask of its recorded results, of one denoiser and of all.

`experiments.generation numbers` and `experiments.generation seeds` write it.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.invariances import results_of
from experiments.parts import RESULTS, write
from plantedu.errors import require
from plantedu.statistics.evidence import t_interval
from plantedu.topics.generation.denoisers import shipped_denoiser
from plantedu.topics.generation.results.invariances import BLIND, UNCLEAR, VERDICTS
from plantedu.topics.generation.verdicts import spearman
from plantedu.training.weights_spec import file_sha256

OTHERS = "05_other_seeds"  # numbers of the denoisers that are not the lesson's
TABLES = ("h", "z", "rgb")
COMPARED = ("supervised", "small", "seed", "seed_3")
READ_BY_PROBE = 0.3  # R2 of a linear probe from which a factor counts as there
NOT_SHOWN = {"free", UNCLEAR}  # the pictures do not show that the factor is kept
Result = Mapping[str, Any]


def numbers() -> None:
    """What predictions and text ask of the recorded results."""
    write("05_generation", numbers_of(RESULTS, whole=True), "experiments.generation numbers")


def seeds() -> None:
    """The same numbers of every denoiser that ships: each, their mean, and its interval over seeds.

    The first one's are the lesson's results. Those of the others lie where
    `experiments.invariances PATH` has put them; their numbers are kept in OTHERS, and are read from
    there where nothing was measured here.
    """
    first = shipped_denoiser()
    others = [path for path in sorted(first.parent.glob("*.safetensors")) if path != first]
    kept = RESULTS / f"{OTHERS}.json"
    before = json.loads(kept.read_text()) if kept.is_file() else {}
    own = numbers_of(RESULTS, whole=True)
    measured = {path.stem: numbers_of_other(path, before, own) for path in others}
    write(OTHERS, measured, "experiments.generation seeds")
    found = [own, *measured.values()]
    names = [first.stem, *measured]
    over = {"denoisers": names, "seeds": len(names), **over_seeds(found)}
    over |= {f"{table} agree": agreement([one[table] for one in found]) for table in TABLES}
    write("05_seeds", over, "experiments.generation seeds")


def numbers_of_other(
    path: Path, before: Mapping[str, Any], wanted: Iterable[str]
) -> dict[str, Any]:
    """Numbers of another denoiser: what was measured here, and for the rest what is kept.

    Args:
        path: Its weights.
        before: Numbers by denoiser, each with the hash of its weights.
        wanted: Names that must be there.

    Raises:
        PlantEduError: where there are neither, of these very weights.
    """
    weights, kept = {"sha256": file_sha256(path)}, before.get(path.stem, {})
    found = kept if kept.get("sha256") == weights["sha256"] else weights
    found = found | numbers_of(results_of(path))
    missing = [name for name in wanted if name not in found]
    require(
        not missing,
        f"{', '.join(missing)} of {path.stem} were not measured yet: "
        f"`python -m experiments.invariances ... {path}`.",
    )
    return found


def agreement(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Whether seeds tell the same of the factors that the reader can read.

    Returns:
        `same`: how many factors have one verdict by all, of `n`; `order`: the least Spearman's
        rho of pinned between two seeds; `verdicts` of each factor; `free_but_read`: factors that
        all call free or unclear and whose probe reads READ_BY_PROBE or more.
    """
    seen = [c for c, one in tables[0].items() if one["verdict"] != BLIND]
    verdicts = {c: [table[c]["verdict"] for table in tables] for c in seen}
    pinned = [[table[c]["pinned"] for c in seen] for table in tables]
    pairs = [spearman(a, b)[0] for a, b in itertools.combinations(pinned, 2)]
    lost = [
        c
        for c in seen
        if set(verdicts[c]) <= NOT_SHOWN and tables[0][c].get("linear", 0) >= READ_BY_PROBE
    ]
    return {
        "n": len(seen),
        "same": sum(len(set(each)) == 1 for each in verdicts.values()),
        "order": min(pairs, default=1.0),
        "verdicts": verdicts,
        "free_but_read": {"n": len(lost), "names": lost},
    }


def over_seeds(found: Sequence[Any]) -> Any:
    """Numbers of one place in each of several results: `each`, `mean`, `interval` over seeds.

    What is no number, or is not in all of them, is left out.
    """
    if all(isinstance(one, dict) for one in found):
        shared = [key for key in found[0] if all(key in one for one in found)]
        inside = {key: over_seeds([one[key] for one in found]) for key in shared}
        return {key: value for key, value in inside.items() if value not in (None, {})}
    if not all(isinstance(one, int | float) for one in found):
        return None
    each = [float(one) for one in found]
    return {"each": each, "mean": float(np.mean(each)), "interval": t_interval(each)}


def numbers_of(folder: Path, *, whole: bool = False) -> dict[str, Any]:
    """What is asked of the results in a folder.

    Args:
        folder: Where they lie.
        whole: Whether all of them must be there; else a part of which none is there is left out.

    Raises:
        PlantEduError: for a result that is missing.
    """
    read = {path.stem: json.loads(path.read_text()) for path in folder.glob("05_*.json")}
    found: dict[str, Any] = {}
    for part, needed in NUMBERS.items():
        missing = [name for name in needed if name not in read]
        if missing != list(needed) or whole:
            require(not missing, f"{', '.join(missing)} of {folder.name} is not measured yet.")
            found |= part(*(read[name] for name in needed))
    return found


def of_pinned(kept: Result, kept_z: Result) -> dict[str, Any]:
    """The angle in h, and what z pins less."""
    h, z = (
        {k["column"]: k for k in one["factors"] if k["verdict"] != BLIND} for one in (kept, kept_z)
    )
    drop = np.array(
        [z[k]["pinned"]["value"] - h[k]["pinned"]["value"] for k in sorted({*h} & {*z})]
    )
    return {
        "angle": h["angle"]["pinned"] if "angle" in h else None,
        "pinned_drop": {"value": float(drop.mean()), "n": len(drop)},
    }


def of_layers(layers: Result) -> dict[str, Any]:
    """What z tells less of the sources' own values."""
    return {"projector_drop": layers["mean"], "layers": layers["factors"]}


def of_tables(*results: Result) -> dict[str, Any]:
    """Factors, grades and exams of the three tables."""
    found: dict[str, Any] = {}
    for name, one in zip(TABLES, results, strict=True):
        factors = one["factors"]
        counts = {v: sum(k["verdict"] == v for k in factors) for v in VERDICTS}
        found |= {f"{name} verdicts": counts, name: {k["column"]: of_factor(k) for k in factors}}
    tables = dict(zip(("kept", "kept_z", "kept_rgb"), results, strict=True))
    found["grades"] = {
        name: {k: one["value"] for k, one in table["grades"].items() if k != "p" and one}
        for name, table in tables.items()
    }
    found["exams"] = {
        name: {
            kind: {k: exam[k]["value"] for k in ("wins", "apart")}
            for kind, exam in table["exams"].items()
        }
        for name, table in tables.items()
    }
    lost = [
        k["column"]
        for k in tables["kept"]["factors"]
        if k["verdict"] in NOT_SHOWN and k["linear"]["value"] >= READ_BY_PROBE
    ]
    return found | {"free_but_read": {"names": lost, "n": len(lost), "least": READ_BY_PROBE}}


def of_matching(matching: Result) -> dict[str, Any]:
    """Mismatched pairs against matching ones."""
    return {
        "mismatch_surely": surely(matching, "mrr x1, other disease"),
        "matching": {d["name"]: of_difference(d) for d in matching["differences"]},
        "following": {
            f["kind"]: {
                "first": f["first"]["value"],
                "second": f["second"],
                "null": f["first"]["null"],
            }
            for f in matching["following"]
        },
    }


def of_comparisons(*results: Result) -> dict[str, Any]:
    """The encoder against each rival."""
    each = dict(zip(COMPARED, results, strict=True))
    whole = {n: {d["name"]: of_difference(d) for d in one["whole"]} for n, one in each.items()}
    return whole | {"supervised_surely": surely(each["supervised"], "mrr")}


def of_judges(faithful: Result, rgb: Result) -> dict[str, Any]:
    """Whether the source is found again, by whom and after how many steps."""
    judged = {
        s["judge"]: {
            "mrr": s["mrr"]["value"],
            "times_chance": s["mrr"]["value"] / s["mrr"]["null"],
            "nothing": s["nothing"],
            "remembered": s["remembered"]["value"],
            "copies": s["copies"]["value"],
            "copies_real": s["copies"]["null"],
        }
        for s in faithful["scores"]
    }
    return {
        "judged": judged,
        "chance": faithful["scores"][0]["mrr"]["null"],
        "steps": {f"{r['sampler']} {r['steps']}": r["mrr"]["value"] for r in faithful["ladder"]},
        "rgb_alone": {s["judge"]: s["mrr"]["value"] for s in rgb["scores"]},
    }


def of_deviation(*results: Result) -> dict[str, Any]:
    """Where samples differ, against what do() moves."""
    return {
        name: {
            one["sensor"]: {
                "value": one["agreement"]["value"],
                "null": one["agreement"]["null"],
                "nothing": one["nothing"]["value"],
            }
            for one in result["cameras"]
        }
        for name, result in zip(("deviation", "deviation_random"), results, strict=True)
    }


NUMBERS: dict[Callable[..., dict[str, Any]], tuple[str, ...]] = {
    of_pinned: ("05_kept", "05_kept_z"),
    of_layers: ("05_layers",),
    of_tables: ("05_kept", "05_kept_z", "05_kept_rgb"),
    of_matching: ("05_matching",),
    of_comparisons: tuple(f"05_rivals_{name}" for name in COMPARED),
    of_judges: ("05_faithful", "05_faithful_rgb"),
    of_deviation: ("05_deviation", "05_deviation_random"),
}


def of_factor(k: dict[str, Any]) -> dict[str, Any]:
    """One factor's numbers."""
    named = {
        "random_init": k["random_init"],
        "verdict": k["verdict"],
        "narrow": k["narrow"]["value"],
        "null": k["pinned"]["null"],
        "pinned_low": k["pinned"]["interval"][0],
        "pinned_high": k["pinned"]["interval"][1],
    }
    measured = ("pinned", "r2", "effect", *(["linear"] if k.get("linear") else []))
    return named | {name: k[name]["value"] for name in measured}


def of_difference(d: dict[str, Any]) -> dict[str, Any]:
    """A difference's ends, interval and p."""
    low, high = d["evidence"]["interval"]
    one, other = d["ends"]
    said = {"value": d["evidence"]["value"], "low": low, "high": high, "p": d["corrected"]}
    return said | {"one": one, "other": other}


def surely(result: dict[str, Any], name: str) -> dict[str, Any]:
    """The end of a difference's interval that is nearest to 0; 0 where the interval holds it."""
    rows = result["differences"] if "differences" in result else result["whole"]
    one = next(row for row in rows if row["name"] == name)["evidence"]
    low, high = one["interval"]
    nearest = 0.0 if low <= 0 <= high else (low if low > 0 else high)
    ends = {"difference": one["value"], "ends": [low, high]}
    return one | {"value": nearest, "interval": None} | ends
