"""Numbers and figure of lesson 01: what each camera sees, and what gives a partner away.

    uv run python -m experiments.pairs

Writes lessons/results/01_pairs.json and lessons/figures/01_sight.svg. A test compares the lesson's
text with the numbers. (What the published library was fed: fed_mean.py, results/01_fed.json.)
"""

import json
from pathlib import Path

import numpy as np

from experiments.figures import save
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors, world
from plantedu.statistics.evidence import Evidence
from plantedu.topics.pairs.channels import channels
from plantedu.topics.pairs.partners import partners
from plantedu.topics.pairs.results import channels as channels_of
from plantedu.topics.pairs.results import partners as partners_of
from plantedu.topics.pairs.results.sensitivity import SensitivityResult, Settings, change
from plantedu.topics.pairs.sensitivity import sensitivity

LESSONS = Path(__file__).parents[1] / "lessons"
FACTOR = "mesophyll"
WIDTH = 520


def set_again(planted: World, plants: int, size: int) -> float:
    """Largest change of an RGB value when the factor is set to the value that it has."""
    values = draw_factors(planted, np.arange(plants))[FACTOR]
    moved = [
        change(
            render(planted, [k], size=size), render(planted, [k], size=size, do={FACTOR: v}), "rgb"
        )
        for k, v in enumerate(values.tolist())
    ]
    return float(np.max(moved))


def private_cue(planted: World, seen: SensitivityResult) -> Evidence:
    """Whether RGB sees the near-infrared cue at all."""
    effect = next(e for e in seen.effects if (e.factor, e.sensor) == (FACTOR, "rgb"))
    plants = effect.evidence.n
    return Evidence(
        question=f"By how many levels does {FACTOR}, from end to end, move any RGB value?",
        value=effect.largest,
        null=set_again(planted, plants, seen.settings.size),
        control=f"{FACTOR} set to the value that it has",
        n=plants,
        truth=0.0,
    )


def main() -> None:
    planted = world("field")
    seen, matched = sensitivity(Settings()), partners(partners_of.Settings())
    result = {
        "command": "uv run python -m experiments.pairs",
        **seen.as_json(),
        "mesophyll_in_rgb": private_cue(planted, seen).as_json(),
        "partner_by_light": matched.of("shared_light", "brightness").as_json(),
        "partners": matched.as_json(),
        "channels": channels(channels_of.Settings()).as_json(),
    }
    written = json.dumps(result, indent=1) + "\n"
    (LESSONS / "results" / "01_pairs.json").write_text(written, encoding="utf-8")
    save("01_sight", seen.chart(), width=WIDTH)


if __name__ == "__main__":
    main()
