"""What predictions and text of lesson 05 ask of its recorded results, of one denoiser and of all.

`experiments.generation numbers` and `experiments.generation seeds` write it.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.invariances import results_of
from experiments.parts import RESULTS, write
from plantedu.errors import require
from plantedu.statistics.evidence import t_interval
from plantedu.topics.generation.denoisers import shipped_denoiser
from plantedu.topics.generation.results.invariances import BLIND, VERDICTS
from plantedu.topics.generation.verdicts import spearman
from plantedu.training.weights_spec import file_sha256

OTHERS = "05_other_seeds"  # numbers of the denoisers that are not the lesson's
TABLES = ("h", "z", "rgb")
READ_BY_PROBE = 0.3  # R2 of a linear probe from which a factor counts as there


def numbers() -> None:
    """What predictions and text ask of the recorded results."""
    write("05_generation", numbers_of(RESULTS), "experiments.generation numbers")


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
    measured = {path.stem: numbers_of_other(path, before) for path in others}
    write(OTHERS, measured, "experiments.generation seeds")
    found = [numbers_of(RESULTS), *measured.values()]
    names = [first.stem, *measured]
    over = {"denoisers": names, "seeds": len(names), **over_seeds(found)}
    over |= {f"{table} agree": agreement([one[table] for one in found]) for table in TABLES}
    write("05_seeds", over, "experiments.generation seeds")


def numbers_of_other(path: Path, before: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of a denoiser as they were measured here, else as they are kept.

    Raises:
        PlantEduError: where there are neither, of these very weights.
    """
    weights = {"sha256": file_sha256(path)}
    if (results_of(path) / "05_deviation_random.json").is_file():
        return weights | numbers_of(results_of(path))
    kept = before.get(path.stem, {})
    require(
        kept.get("sha256") == weights["sha256"],
        f"{path.stem} was not measured yet: `python -m experiments.invariances ... {path}`.",
    )
    return kept


def agreement(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Whether seeds tell the same of the factors that the reader can read.

    Returns:
        `same`: how many factors have one verdict by all, of `n`; `order`: the least Spearman's
        rho of pinned between two seeds; `verdicts` of each factor; `free_but_read`: factors that
        all call free and whose probe reads READ_BY_PROBE or more.
    """
    seen = [c for c, one in tables[0].items() if one["verdict"] != BLIND]
    verdicts = {c: [table[c]["verdict"] for table in tables] for c in seen}
    pinned = [[table[c]["pinned"] for c in seen] for table in tables]
    pairs = [spearman(a, b)[0] for a, b in itertools.combinations(pinned, 2)]
    lost = [
        c
        for c in seen
        if set(verdicts[c]) == {"free"} and tables[0][c].get("linear", 0) >= READ_BY_PROBE
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


def numbers_of(folder: Path) -> dict[str, Any]:
    """What is asked of the results in a folder."""
    read = {path.stem: json.loads(path.read_text()) for path in folder.glob("05_*.json")}
    h, z = (
        {k["column"]: k for k in read[name]["factors"] if k["verdict"] != BLIND}
        for name in ("05_kept", "05_kept_z")
    )
    both = sorted(set(h) & set(z))
    drop = np.array([z[k]["pinned"]["value"] - h[k]["pinned"]["value"] for k in both])
    found = {
        "angle": h["angle"]["pinned"] if "angle" in h else None,
        "pinned_drop": {"value": float(drop.mean()), "n": len(both)},
        "projector_drop": read["05_layers"]["mean"],
        "layers": read["05_layers"]["factors"],
        "mismatch_surely": surely(read["05_matching"], "mrr x1, other disease"),
        "supervised_surely": surely(read["05_rivals_supervised"], "mrr"),
    }
    for name, table in (
        ("h", read["05_kept"]),
        ("z", read["05_kept_z"]),
        ("rgb", read["05_kept_rgb"]),
    ):
        found[f"{name} verdicts"] = {
            v: sum(k["verdict"] == v for k in table["factors"]) for v in VERDICTS
        }
        found[name] = {k["column"]: of_factor(k) for k in table["factors"]}
    found["matching"] = {d["name"]: of_difference(d) for d in read["05_matching"]["differences"]}
    found["following"] = {
        f["kind"]: {"first": f["first"]["value"], "second": f["second"], "null": f["first"]["null"]}
        for f in read["05_matching"]["following"]
    }
    for name in ("supervised", "small", "seed", "seed_3"):
        whole = read[f"05_rivals_{name}"]["whole"]
        found[name] = {d["name"]: of_difference(d) for d in whole}
    found["judged"] = {
        s["judge"]: {
            "mrr": s["mrr"]["value"],
            "times_chance": s["mrr"]["value"] / s["mrr"]["null"],
            "nothing": s["nothing"],
            "remembered": s["remembered"]["value"],
            "copies": s["copies"]["value"],
            "copies_real": s["copies"]["null"],
        }
        for s in read["05_faithful"]["scores"]
    }
    found["chance"] = read["05_faithful"]["scores"][0]["mrr"]["null"]
    found["steps"] = {
        f"{r['sampler']} {r['steps']}": r["mrr"]["value"] for r in read["05_faithful"]["ladder"]
    }
    found["grades"] = {
        name: {
            k: one["value"] for k, one in read[f"05_{name}"]["grades"].items() if k != "p" and one
        }
        for name in ("kept", "kept_z", "kept_rgb")
    }
    found["exams"] = {
        name: {
            kind: {k: exam[k]["value"] for k in ("wins", "apart")}
            for kind, exam in read[f"05_{name}"]["exams"].items()
        }
        for name in ("kept", "kept_z", "kept_rgb")
    }
    lost = [
        k["column"]
        for k in read["05_kept"]["factors"]
        if k["verdict"] == "free" and k["linear"]["value"] >= READ_BY_PROBE
    ]
    found["free_but_read"] = {"names": lost, "n": len(lost), "least": READ_BY_PROBE}
    for name in ("deviation", "deviation_random"):
        found[name] = {
            one["sensor"]: {
                "value": one["agreement"]["value"],
                "null": one["agreement"]["null"],
                "nothing": one["nothing"]["value"],
            }
            for one in read[f"05_{name}"]["cameras"]
        }
    found["rgb_alone"] = {s["judge"]: s["mrr"]["value"] for s in read["05_faithful_rgb"]["scores"]}
    return found


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
