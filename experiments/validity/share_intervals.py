"""Intervals of committed shares, from their value and n: every share of n plants has one.

    python -m experiments.validity.share_intervals  # rewrites lessons/results/*.json where needed
    python -m experiments.validity.share_intervals --check   # names what would change

The first version drew intervals by the percentile bootstrap, which makes [1, 1] of 24 plants that
are all classified correctly. Value and n are all that the interval of a share needs, so nothing has
to be trained or attacked again. A share that is a mean over seeds is counted as if each plant's
seeds agreed: such an interval is wider than one from the plants' own numbers, never narrower. Only
questions that ask for a share of plants are taken (`ASKED`), and only values that are a whole
number of plants (of plants times seeds).

A result that was changed names this command after its own.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plantedu.statistics.intervals import count_interval

RESULTS = Path(__file__).parents[2] / "lessons" / "results"
COMMAND = "python -m experiments.validity.share_intervals"
ASKED = re.compile(
    r"Which share of plants |Which share of misnamed pairs |Which share is misnamed |"
    r"Which share of the adversarial |Which share of the validation plants |"
    r"Which share of pairs |How often does \w+ alone find |"
    r"With what accuracy |What is accuracy |How well is (disease|mark) read |pointing of |"
    r"Does .* accuse it|Does \S+ change its name "
)


def shares(found: Any) -> Iterator[dict[str, Any]]:
    """Every share of plants with an interval, as it stands in a result."""
    if isinstance(found, list):
        for one in found:
            yield from shares(one)
    elif isinstance(found, dict):
        if found.get("interval") and _is_share(found):
            yield found
        for one in found.values():
            yield from shares(one)


def _is_share(one: dict[str, Any]) -> bool:
    value, n, seeds = one.get("value"), one.get("n"), one.get("seeds", 1)
    if not isinstance(value, int | float) or not isinstance(n, int) or not 0 <= value <= 1:
        return False
    if not ASKED.match(one.get("question", "")) or one.get("control", "").startswith("a baseline"):
        return False
    count = value * n * max(seeds, 1)
    return abs(count - round(count)) < 1e-6


def renewed(found: Any) -> int:
    """Give each share its interval in place; how many changed."""
    changed = 0
    for one in shares(found):
        ends = list(count_interval(one["value"] * one["n"], one["n"], level=one.get("level", 0.95)))
        was = one["interval"]
        counted = one.get("seeds", 1) == 1 or one["value"] in (0, 1)
        if max(abs(a - b) for a, b in zip(was, ends, strict=True)) < 1e-9:
            continue
        if not counted and was[0] <= ends[0] and ends[1] <= was[1]:
            continue  # made from the plants' own numbers, and wider still
        one["interval"] = ends
        changed += 1
    return changed


def indent_of(text: str) -> int | None:
    """How a result was written: one line, or an indent."""
    return 1 if re.match(r"\{\n +\"", text) else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="results without .json; none means all")
    parser.add_argument("--check", action="store_true", help="change nothing; 1 if something would")
    chosen = parser.parse_args()
    whole = 0
    for path in sorted(RESULTS.glob("*.json")):
        if chosen.names and path.stem not in chosen.names:
            continue
        text = path.read_text(encoding="utf-8")
        found = json.loads(text)
        changed = renewed(found) if isinstance(found, dict) else 0
        whole += changed
        if not changed:
            continue
        print(f"{path.stem}: {changed} shares")
        if not chosen.check:
            command = str(found.get("command", ""))
            if "command" in found and COMMAND not in command:
                found["command"] = f"{command} && {COMMAND}"
            path.write_text(json.dumps(found, indent=indent_of(text)) + "\n", encoding="utf-8")
    return int(bool(whole) and chosen.check)


if __name__ == "__main__":
    raise SystemExit(main())
