"""Maps and figures of lesson 04; its other numbers come from `elp_table` and its neighbours.

    uv run python -m benchmarks.lesson_family maps      writes lessons/results/04_embedding.json
    uv run python -m benchmarks.lesson_family figures   draws lessons/figures/04_*.svg

Figures are drawn from committed results alone, so they can be made again without training.
"""

import json
import sys
from pathlib import Path
from typing import Any, get_args

from plantedu.analysis.embedding import SHIPPED, Layer, Settings, embedding
from plantedu.runs.home import home

LESSONS = Path(__file__).parents[1] / "lessons"
MAPS = LESSONS / "results" / "04_embedding.json"
PERPLEXITIES = (5, 30)
CHECKPOINT = "cross-0"


def maps() -> None:
    """Every layer at every perplexity, written as it comes."""
    found: dict[str, Any] = {"command": "uv run python -m benchmarks.lesson_family maps"}
    found["maps"] = {}
    for layer in get_args(Layer):
        for perplexity in PERPLEXITIES:
            settings = Settings(layer=layer, perplexity=perplexity)
            result = embedding(
                SHIPPED / f"{CHECKPOINT}.safetensors", settings, bank_folder=home() / "bank"
            )
            found["maps"][f"{layer}-{perplexity}"] = result.as_json()
            MAPS.write_text(json.dumps(found) + "\n", encoding="utf-8")
            print(layer, perplexity, {n: round(a.in_map.value, 3) for n, a in result.arms.items()})


if __name__ == "__main__":
    {"maps": maps}[sys.argv[1]]()
