"""Results and figures of lesson 06.

    uv run python -m benchmarks.told_encoders                   # trains what grounding needs
    uv run python -m benchmarks.lesson_similarity grids         # -> lessons/results/06_NAME.json
    uv run python -m benchmarks.lesson_similarity traps         # -> 06_traps.json
    uv run python -m benchmarks.lesson_similarity grounding     # -> 06_grounding.json
    uv run python -m benchmarks.lesson_similarity summary       # -> 06_similarity.json
    uv run python -m benchmarks.lesson_similarity figures       # -> lessons/figures/06_*.svg

Without a word, all but the first. `grids` leaves out what is recorded already; about ten minutes
of one core.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plantedu.analysis.grounding import grounding, told_features
from plantedu.analysis.similarity import Settings, similarity
from plantedu.analysis.traps import Settings as Traps
from plantedu.analysis.traps import traps
from plantedu.runs.checkpoints import write_whole
from plantedu.runs.home import home
from plantedu.runs.threads import share_cores
from plantedu.similarity.comparisons import COMPARISONS
from plantedu.similarity.family import MEASURES
from plantedu.similarity.measure import Measure

COMMAND = "uv run python -m benchmarks.lesson_similarity {}"
LESSONS = Path(__file__).parents[1] / "lessons"
RESULTS, FIGURES = LESSONS / "results", LESSONS / "figures"
MANY = ("stages", "bump")  # h against h throughout: dear for what takes singular values
ORDER = (
    *("cka", "nbs", "knn", "svcca", "rsa", "ridge", "cka_biased", "cca", "pwcca", "cka_rbf"),
    *("angular", "procrustes"),
)


def settings(name: str, how: Measure) -> Settings:
    """How much a measure is worked at, by what it costs."""
    if how.name == "cka":
        return Settings(name, how.name)
    if how.costly:
        return Settings(name, how.name, plants=256, shuffles=39, halves=20)
    return Settings(name, how.name, shuffles=99, halves=40)


def grids() -> None:
    """Every comparison by every measure."""
    for name in ORDER:
        how = next(one for one in MEASURES if one.name == name)
        for one in COMPARISONS:
            if not (how.costly and how.name != "nbs" and one.name in MANY):
                grid(one.name, how)


def grid(name: str, how: Measure) -> None:
    """One comparison by one measure, added to the comparison's file."""
    path = RESULTS / f"06_{name}.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if how.name in found:
        return
    began = time.process_time()
    told = similarity(settings(name, how), folder=home()).as_json()
    for double in ("interval", "level", "measure", "control", "seeds"):
        del told[double]
    found = {"command": COMMAND.format("grids")} | found
    write(f"06_{name}", found | {how.name: told})
    print(f"{name} {how.name} {time.process_time() - began:.0f} s of CPU", flush=True)


def both_traps() -> None:
    """Many columns, and far points."""
    found = traps(Traps(), folder=home()).as_json()
    write("06_traps", {"command": COMMAND.format("traps")} | found)


def ground() -> None:
    """Which measure notices which untold factor."""
    given = told_features(home() / "told", 512)
    found = grounding(given.pop("told"), given.pop("untold"), **given)
    told = {"command": COMMAND.format("grounding")} | found.as_json()
    write("06_grounding", told)


def write(name: str, found: dict[str, Any]) -> None:
    """A result, a line for each of its parts."""
    parts = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in found.items())
    write_whole(RESULTS / f"{name}.json", f"{{\n{parts}\n}}\n".encode())


PARTS: dict[str, Callable[[], None]] = {
    "grids": grids,
    "traps": both_traps,
    "grounding": ground,
}


def main(words: list[str]) -> None:
    share_cores()
    for word in words or PARTS:
        PARTS[word]()


if __name__ == "__main__":
    main(sys.argv[1:])
