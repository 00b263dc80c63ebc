"""Results of lesson 04 as evidence: what the page draws and what settles its predictions.

Each function takes what one committed file holds, and gives named lines, each with its null.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence

Lines = list[tuple[str, Evidence]]
ARMS = {
    "elp_sr_target": "ELP-SR, own class",
    "elp_sr_repo": "ELP-SR, all classes",
    "elp_sr_published": "ELP-SR, published ratio",
    "elp_sr_shuffled": "weights shuffled",
    "elp_sr_no_reset": "probe never reset",
    "elp_monitor": "monitor only",
    "smoothing_matched": "label smoothing, matched",
}
STARTS = {
    "discriminative": "cross-0, discriminative",
    "mlp_only": "cross-0, mlp_only",
    "lp_ft": "cross-0, lp_ft",
    "full": "cross-0, full",
    "source": "source, full",
}


def read_results(folder: Path, name: str) -> dict[str, Any]:
    """A committed results file.

    Raises:
        PlantEduError: if it is not there or no JSON.
    """
    path = Path(folder) / f"{name}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlantEduError(
            f"The results {path.name} are not here yet; look again after the next update."
        ) from error
    if not isinstance(found, dict):
        raise PlantEduError(f"{path.name} must hold one JSON object.")
    return found


def evidence(found: Mapping[str, Any]) -> Evidence:
    """An Evidence from plain values; fields beside its own are left alone."""
    known = {name: found[name] for name in Evidence.__dataclass_fields__ if name in found}
    if known.get("interval"):
        known["interval"] = tuple(known["interval"])
    return Evidence(**known)


def elp_lines(found: Mapping[str, Any], measure: str = "accuracy") -> dict[str, Lines]:
    """By setting: each arm's paired difference to training without it."""
    return {
        setting: [
            (words, evidence(table[arm][f"{measure}_difference"]))
            for arm, words in ARMS.items()
            if arm in table
        ]
        for setting, table in found["table"].items()
    }


def few_lines(found: Mapping[str, Any]) -> dict[str, Lines]:
    """By share of labels: each arm's accuracy over the class prior, scratch last."""
    lines: dict[str, Lines] = {}
    for share, arms in found["summary"].items():
        names = [*STARTS, *(arm for arm in arms if arm.startswith("scratch"))]
        lines[share] = [(called(arm), _few(arms[arm], found)) for arm in names if arm in arms]
    return lines


def called(arm: str) -> str:
    """What a chart calls an arm."""
    return STARTS.get(arm, arm)


def _few(arm: Mapping[str, Any], found: Mapping[str, Any]) -> Evidence:
    per_seed = arm["per_seed"]
    return Evidence(
        question="Which share of fresh plants is named right?",
        value=arm["accuracy"],
        null=arm["null"],
        control="class prior",
        n=_plants(found),
        seeds=len(per_seed),
        interval=(min(per_seed), max(per_seed)) if len(per_seed) > 1 else None,
        level=1.0,
    )


def few_gain(found: Mapping[str, Any], share: str = "0.05") -> Evidence:
    """How far discriminative fine-tuning lies above the best from scratch, paired by seed."""
    arm = found["summary"][share]["discriminative"]
    above = next(value for name, value in arm.items() if name.startswith("above "))
    ends = above["interval_over_seeds"]
    return Evidence(
        question="By how much does the shipped encoder beat training from scratch?",
        value=above["mean"],
        null=0.0,
        control="from scratch on the same labels",
        n=_plants(found),
        seeds=above["seeds"],
        interval=tuple(ends) if ends else None,
    )


def leak_lines(found: Mapping[str, Any]) -> Lines:
    """What each split claims beyond what fresh plants say."""
    words = {"leaked": "split by image", "grouped": "split by plant"}
    arms = {
        "discriminative": "cross-0",
        "scratch 0.01": "scratch",
        "recognises": "shuffled",
    }
    return [
        (f"{split}, {start}", leak_gap(found, how, arm))
        for arm, start in arms.items()
        for how, split in words.items()
        if f"{how}/{arm}" in found["summary"]
    ]


def leak_gap(found: Mapping[str, Any], how: str, arm: str) -> Evidence:
    """Claimed minus fresh accuracy of one split, beside the grouped split's."""
    gap = found["summary"][f"{how}/{arm}"]["claimed_minus_fresh"]
    ends = gap["interval_over_seeds"]
    return Evidence(
        question="By how much does the split's own score exceed that on fresh plants?",
        value=gap["mean"],
        null=found["summary"].get(f"grouped/{arm}", {"claimed_minus_fresh": {"mean": 0.0}})[
            "claimed_minus_fresh"
        ]["mean"],
        control="the same split by plant",
        n=_plants(found),
        seeds=gap["seeds"],
        interval=tuple(ends) if ends else None,
    )


def _plants(found: Mapping[str, Any]) -> int:
    return int(next(iter(found["rows"].values()))["plants"])


def seeds_of(lines: Lines) -> str:
    """How many seeds the lines rest on, "5 seeds" or, where they differ, "2 to 5 seeds"."""
    counts = {evidence.seeds for _, evidence in lines}
    low, high = min(counts), max(counts)
    return f"{low} to {high} seeds" if low < high else f"{low} seed{'s' if low > 1 else ''}"
