"""The page of lesson 07: a changed control from recorded results, and a measurement made fresh.

    uv run python -m benchmarks.spectrum_page            # -> lessons/results/07_page.json

*Control*: with Streamlit's AppTest, from setting another checkpoint, layer, null, head or run to
the page being whole again, in a process that has opened the page once. *Fresh*: what a warm worker
does for a checkpoint that it has not looked at (its library loaded, plants rendered, random-init
encoders of that architecture seen before), for each of the five analyses at the page's settings;
*first*: the same with nothing seen before. Targets: 1 s and 5 s.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from plantedu.jobs.jobs import job_for
from plantedu.jobs.threads import share_cores

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "lessons" / "results" / "07_page.json"
CONTROLS: tuple[tuple[str, str, Any], ...] = (
    ("From sensor to sensor", "map cloud", "shuffled pairs"),
    ("From sensor to sensor", "map layer", "h"),
    ("From sensor to sensor", "map run", "Default run"),
    ("From sensor to sensor", "map checkpoint Default run", "stages/0350"),
    ("Planted heads", "head kind", "inverts"),
    ("Planted heads", "head signal", 0.5),
    ("Prototypes", "codes run", "Bump run"),
    ("The head", "head run", "Default run"),
    ("Ranks along a run", "ranks run", "Bump run"),
    ("Ranks along a run", "ranks layer", "h"),
)
PAGE_RUNS = """
import json, sys, time
root, controls = sys.argv[1], json.loads(sys.argv[2])
sys.path.insert(0, root)
from streamlit.testing.v1 import AppTest
from plantedu.jobs import launch
launch.ensure_worker = lambda lane, **_: False
app = AppTest.from_file(root + "/app/main.py", default_timeout=120)
app.run()
app.switch_page("views/07_spectrum.py").run()
found = {}
for lab, key, value in controls:
    app.session_state["lab"] = lab
    app.run()
    app.session_state[key] = value
    began = time.perf_counter()
    app.run()
    found[f"{lab}: {key}"] = round(time.perf_counter() - began, 3)
    assert not app.exception, app.exception
    assert app.get("vega_lite_chart"), lab
print(json.dumps(found))
"""
FRESH = ("cross-1", "cross-2", "rgb_only-0")


def controls() -> dict[str, float]:
    """Seconds from each changed control to the whole page."""
    words = [sys.executable, "-c", PAGE_RUNS, str(ROOT), json.dumps(CONTROLS)]
    output = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])


def measurements() -> Iterator[tuple[str, Callable[[str], Any]]]:
    """Each analysis as a page asks the worker for it."""
    for kind in ("spectrum", "prototypes", "jacobian", "collapse", "heads"):
        job = job_for(kind)

        def measure(name: str, kind: str = kind, job: Callable[[Any], Any] = job) -> Any:
            asked = {
                "collapse": {"checkpoints": [name], "layer": "z"},
                "heads": {"kind": "rotate", "plants": 512, "dim": 64, "seeds": 5},
            }.get(kind, {"checkpoint": name})
            run = SimpleNamespace(request=asked)
            return job(SimpleNamespace(run=run, check=lambda: None, store=no_store()))

        yield kind, measure


def no_store() -> Any:
    """A store without runs: shipped names need none."""
    return SimpleNamespace(folder=lambda run: Path(run))


def fresh() -> dict[str, dict[str, float]]:
    """Seconds of each analysis: the first of all, and the median of unseen checkpoints after it."""
    from plantedu.topics.spectrum.two_sensors import of_checkpoint, of_random_init

    found = {}
    for kind, measure in measurements():
        of_random_init.cache_clear()
        seconds = []
        for name in ("cross-0", *FRESH):
            of_checkpoint.cache_clear()
            began = time.perf_counter()
            measure(name)
            seconds.append(time.perf_counter() - began)
        found[kind] = {
            "first": round(seconds[0], 2),
            "median": round(statistics.median(seconds[1:]), 2),
            "slowest": round(max(seconds[1:]), 2),
        }
        print(kind, found[kind], flush=True)
    return found


def main() -> None:
    share_cores()
    found = {"command": "uv run python -m benchmarks.spectrum_page", "fresh": fresh()}
    found["controls"] = controls()
    found["slowest_control"] = max(found["controls"].values())
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
