"""Results and figures of the exchange in lessons 02, 09 and 10: readable, or used?

    uv run python -m experiments.interchange run       # -> 10_interchange.json
    uv run python -m experiments.interchange figures   # -> lessons/figures/10_interchange_*

Without a word, both; about twelve minutes of one core (OMP_NUM_THREADS=1).
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.figures import save
from experiments.parts import run as run_parts
from plantedu.topics.neurons.interchange import interchange
from plantedu.topics.neurons.results.interchange import InterchangeResult, Settings
from plantedu.whole_files import write_whole

COMMAND = "uv run python -m experiments.interchange run"
ROOT = Path(__file__).parents[1]
PATH = ROOT / "lessons" / "results" / "10_interchange.json"
CUES = ("mark", "disease")
READ = ("disease", "bloom", "light_rgb", "warmth_rgb")
NETWORKS = {  # kind: its networks, and the factors that are exchanged
    "lesions": (tuple(f"cues/lesions-{k}" for k in range(3)), CUES),
    "mark": (tuple(f"cues/mark-{k}" for k in range(3)), CUES),
    "supervised": (tuple(f"supervised_rgb-{k}" for k in range(3)), ("disease",)),
    "cross": (tuple(f"cross-{k}" for k in range(3)), READ),
    "random": (("random-cross-0",), READ),
}


def run() -> None:
    """Every kind, network and factor."""
    began = time.process_time()
    found = {pair: interchange(Settings(network=pair[0], factor=pair[1])) for pair in pairs()}
    write(found, time.process_time() - began)


def pairs() -> list[tuple[str, str]]:
    """Networks with the factors that are exchanged in them."""
    return [
        (name, one) for names, factors in NETWORKS.values() for one in factors for name in names
    ]


def write(found: dict[tuple[str, str], InterchangeResult], seconds: float) -> None:
    """The means of every kind, and the first network of a kind in full."""
    rows, summary = [], {}
    for kind, (names, factors) in NETWORKS.items():
        summary[kind] = {one: summed([found[name, one] for name in names]) for one in factors}
        rows += [found[names[0], one].as_json() for one in factors]
    plain = {"command": COMMAND, "processor hours": seconds / 3600, "summary": summary}
    parts = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in short(plain).items()]
    parts.append('"rows": [\n' + ",\n".join(json.dumps(short(row)) for row in rows) + "\n]")
    write_whole(PATH, ("{\n" + ",\n".join(parts) + "\n}\n").encode())


def summed(found: list[InterchangeResult]) -> dict[str, Any]:
    """Means over networks with the least and the most, by layer."""
    layers = list(found[0].readable)
    summary: dict[str, Any] = {
        "picture": spread(one.picture.value for one in found),
        "untouched": spread(one.picture.null for one in found),
    }
    for layer in layers:
        here: dict[str, Any] = {"readable": spread(one.readable[layer].value for one in found)}
        here["shuffled levels"] = spread(one.readable[layer].null for one in found)
        for name in ("all", "means", "reader", "all but means"):
            cells = [one.cell(layer, name) for one in found]
            here[name] = {
                **spread(cell.follows.value for cell in cells),
                "at random": spread(cell.follows.null for cell in cells),
                "anywhere": spread(cell.anywhere for cell in cells),
                "same level": spread(cell.same for cell in cells),
                "other donors": spread(cell.shuffled for cell in cells),
            }
        summary[layer] = here
    return summary | {"networks": len(found), "plants": found[0].settings.plants}


def spread(values: Iterator[float]) -> dict[str, float]:
    """Mean, least and most."""
    found = list(values)
    return {"value": sum(found) / len(found), "least": min(found), "most": max(found)}


def short(found: Any) -> Any:
    """Numbers to four digits."""
    if isinstance(found, dict):
        return {name: short(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [short(value) for value in found]
    return round(found, 4) if isinstance(found, float) else found


def figures() -> None:
    """The charts as pictures for readers of the markdown."""
    rows = json.loads(PATH.read_text(encoding="utf-8"))["rows"]
    for row in rows:
        one = InterchangeResult.from_json(row)
        if one.settings.network in ("cues/lesions-0", "cues/mark-0"):
            name = one.settings.network.removeprefix("cues/").removesuffix("-0")
            save(f"10_interchange_{name}_{one.settings.factor}", one.chart())


PARTS = {"run": run, "figures": figures}

if __name__ == "__main__":
    run_parts(PARTS, sys.argv[1:])
