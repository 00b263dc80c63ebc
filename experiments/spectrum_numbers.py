"""What lesson 07 quotes, taken from the recorded results of its benchmark."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from plantedu.statistics.evidence import t_interval
from plantedu.statistics.intervals import count_interval
from plantedu.topics.spectrum.nulls import circular_sd

SEEDS = ("cross-0", "cross-1", "cross-2")
Found = Mapping[str, Mapping[str, Any]]


def numbers_of(found: Mapping[str, Found]) -> dict[str, Any]:
    """The lesson's numbers.

    Args:
        found: Results by name: maps, prototypes, jacobian, collapse, heads.
    """
    maps = found["maps"]
    return {
        "maps": {name: _map(maps[f"{name} z"]) for name in _ends(maps)},
        "seeds": _seeds(maps),
        "pixels": {world: _pixels(maps[f"{run} pixels"]) for world, run in WORLDS.items()},
        "untrained": _map(maps["stages/0000 z"]),
        "circular_sd": circular_sd(64),
        "along": _along(maps),
        "switch": _switch(maps),
        "prototypes": {name: _codes(one) for name, one in found["prototypes"].items() if name in
                       (*SEEDS, "rgb_only-0", "collapse-0", "shared_light-0")},
        "jacobian": _head(found["jacobian"]),
        "ranks": _ranks(found["collapse"]),
        "heads": _heads(found["heads"]),
    }  # fmt: skip


WORLDS = {"field": "cross-0", "shared_light": "shared_light-0"}


def _ends(maps: Found) -> list[str]:
    return [key.removesuffix(" z") for key in maps if key.endswith(" z") and "/" not in key]


def _map(one: Mapping[str, Any]) -> dict[str, Any]:
    """What the lesson says of a map."""
    nulls = {null["name"]: null for null in one["nulls"]}
    return {
        **one["score"],
        "r2": one["r2"],
        "excess": one["excess"],
        "gain": one["dilution"]["gain"] if one["dilution"] else None,
        "turn": one["reading"]["turn"],
        "departure": one["reading"]["departure"],
        "verdict": one["verdict"],
        "shuffled": nulls["shuffled pairs"],
        "rotation": nulls["random rotation"],
    }


def _pixels(one: Mapping[str, Any]) -> dict[str, Any]:
    """S of pixel means; null: shuffled pairs."""
    shuffled = one["nulls"][0]
    nulls = {"null": shuffled["score"], "control": "shuffled pairs"}
    return {**one["score"], **nulls, "r2": one["r2"]["value"], "p": shuffled["p_score"]}


def _seeds(maps: Found) -> dict[str, Any]:
    """S and R2 of z and of h over three seeds, and how much more the head's output is copied."""
    found: dict[str, Any] = {}
    for layer in ("z", "h"):
        scores = [maps[f"{name} {layer}"]["score"] for name in SEEDS]
        r2 = [maps[f"{name} {layer}"]["r2"]["value"] for name in SEEDS]
        gains = [maps[f"{name} {layer}"]["dilution"]["gain"] for name in SEEDS]
        found[layer] = _over([one["value"] for one in scores], [one["null"] for one in scores])
        found[layer] |= {"r2": float(np.mean(r2)), "gain": float(np.mean(gains))}
        found[layer] |= {"gains": [min(gains), max(gains)]}
    pairs = [[maps[f"{name} {layer}"]["score"] for layer in ("z", "h")] for name in SEEDS]
    found["head_less_features"] = _over(
        [z["value"] - h["value"] for z, h in pairs], [z["null"] - h["null"] for z, h in pairs]
    )
    return found


def _over(values: Sequence[float], nulls: Sequence[float]) -> dict[str, Any]:
    """Mean over seeds, in the fields of an Evidence."""
    return {
        "question": "What is it, mean over three seeds?",
        "value": float(np.mean(values)),
        "null": float(np.mean(nulls)),
        "control": "random-init encoders",
        "n": 512,
        "seeds": len(values),
        "interval": t_interval(values),
        "all": list(values),
    }


def _along(maps: Found) -> dict[str, Any]:
    """S and R2 of z along the default run, by step."""
    stages = {key: one for key, one in maps.items() if key.startswith("stages/")}
    return {
        str(one["step"]): {"S": one["score"]["value"], "R2": one["r2"]["value"]}
        for key, one in stages.items()
        if key.endswith(" z")
    }


def _switch(maps: Found) -> dict[str, Any]:
    """S and R2 of z just before the queue's switch, after it, and without it."""
    names = {"before": "bump-0", "after": "bump/0430", "end": "bump/0800",
             "never_end": "bump/never-0800"}  # fmt: skip
    found = {word: maps[f"{name} z"] for word, name in names.items()}
    return {k: {"S": v["score"]["value"], "R2": v["r2"]["value"]} for k, v in found.items()}


def _codes(one: Mapping[str, Any]) -> dict[str, Any]:
    keep = ("agreement", "ceiling", "random_init", "score", "groups", "level", "outside")
    return {name: one[name] for name in keep} | {"p_score": one["p_score"]}


def _head(found: Found) -> dict[str, Any]:
    keep = ("overlap", "random_overlap", "heard", "at_random", "p", "shape")
    return {name: {key: found[name][key] for key in keep} for name in (*SEEDS, "rgb_only-0")}


def _ranks(found: Found) -> dict[str, Any]:
    """Ranks of z at the ends of runs, and along the default run."""
    ends = {stop["name"]: stop["measures"] for stop in found["ends of runs z"]["stops"]}
    along = {str(stop["step"]): stop["measures"] for stop in found["default run z"]["stops"]}
    steps = {step: {k: v["value"] for k, v in measures.items()} for step, measures in along.items()}
    trained = ends["cross-0"]["rankme"]
    return {
        "ends": ends,
        "along": steps,
        "rankme_less_random": {
            **trained,
            "value": trained["value"] - trained["null"],
            "null": 0.0,
            "control": "no difference",
            "interval": None,
        },
    }


def _heads(found: Found) -> dict[str, Any]:
    """Errors of the instrument over all planted heads, and where there are enough plants."""
    every = [one for key, one in found.items() if not key.startswith("command")]
    heads = [one for one in every if not one["settings"]["layer"]]
    return {
        "layers": _layers([one for one in every if one["settings"]["layer"]]),
        "all": _errors(heads),
        "from_512_plants": _errors([one for one in heads if one["settings"]["plants"] >= 512]),
        "clear": _errors(
            [
                one
                for one in heads
                if one["settings"]["plants"] >= 512 and one["settings"]["reliability"] >= 0.7
            ]
        ),
        "loop": _loop(heads),
    }


GROUPS = {
    "copies": ("copy", "attenuate"),
    "inversions": ("invert",),
    "turns": ("rotate",),
    "half and half": ("mixed",),
}


def _layers(heads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """With the covariances of a layer: heads named right by what they do, S as it was read."""
    found: dict[str, Any] = {}
    for one in heads:
        s = one["settings"]
        found.setdefault(f"{s['layer']} {s['noise']}", []).append(one)
    return {name: _layer(those) for name, those in found.items()}


def _layer(heads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for group, kinds in GROUPS.items():
        those = [one for one in heads if one["settings"]["kind"] in kinds]
        n = sum(len(one["verdicts"]) for one in those)
        right = round(sum(one["right"] * len(one["verdicts"]) for one in those))
        numbers[group] = {
            "question": f"What share of planted {group} is named right?",
            "value": right / n,
            "null": 0.0,
            "control": "none named",
            "n": n,
            "interval": count_interval(right, n),
        }
    read = {f"{one['settings']['kind']} {one['settings']['size']:g}": one for one in heads}
    return {
        **numbers,
        "S": {key: one["score"]["value"] for key, one in read.items()},
        "gain": {key: one["gain"]["value"] for key, one in read.items()},
        "said": {key: sorted(set(one["verdicts"])) for key, one in read.items()},
        **_errors(heads),
    }


def _errors(heads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    reads = sum(len(one["verdicts"]) for one in heads)
    return {
        "heads": reads,
        "settings": len(heads),
        **{f"worst_{m}": max(one["worst"][m] for one in heads) for m in ("score", "turn", "gain")},
        "right": sum(one["right"] * len(one["verdicts"]) for one in heads) / reads,
        "jacobian": max(one["jacobian"] for one in heads),
    }


def _loop(heads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """S of closed loops of pure noise, the lowest of all; null: S of the map forth."""
    return {
        "question": "What is S of a closed loop through pure noise?",
        "value": min(one["closed_loop"]["pure noise"] for one in heads),
        "null": float(np.mean([one["score"]["null"] for one in heads])),
        "control": "the map forth alone, on shuffled pairs",
        "n": 512,
        "seeds": len(heads),
    }
