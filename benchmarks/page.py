"""Write benchmarks/README.md from the results, so that no number on it is typed by hand.

    uv run python -m benchmarks.page

Tables come from `results/NAME.json`; what was changed and why, and what is said of a missed aim,
from `remarks.json`. Rows that were not measured are named as such.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROWS = {
    "Side by side": (
        *("swav_step", "quality", "crops", "cka", "attacks", "sampling", "rendering"),
        *("watching", "live", "cold_start", "memory"),
    ),
    "How cost grows": ("steps_growth", "cka_growth", "store_growth", "sweep_growth"),
}
OPENING = """# Measured beside what one would pick instead

What the course measures of itself stands in [measured.md](measured.md).

Made by `uv run python -m benchmarks.page` from `results/*.json`; every file there names its
command, versions, machine and date. `uv run --extra bench python -m benchmarks.all` measures what
is missing. Both sides of a row run in turns in one process, after a gate that shows that they do
the same. Figures are medians of the turns, with the lowest and the highest in brackets; a ratio is
taken within each turn first. An aim was set before measuring.
"""


def results(folder: Path = HERE / "results") -> dict[str, Any]:
    """All results by name."""
    read = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json")))
    return {one["name"]: one for one in read}


def number(value: float) -> str:
    """Three digits, without an exponent where a reader can do without."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        text = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
        return text if "e" not in text else f"{value:,.0f}"
    return f"{value:.1e}"


def spread(found: Mapping[str, Any]) -> str:
    """Median (lowest to highest)."""
    low, high = found["lowest"], found["highest"]
    middle = number(found["median"])
    return middle if low == high else f"{middle} ({number(low)} to {number(high)})"


def verdict(ratio: Mapping[str, Any]) -> str:
    """The aim, and whether it was met."""
    if ratio["aim"] is None:
        return "stated"
    sign = "at least" if ratio["at_least"] else "at most"
    return f"{sign} {number(ratio['aim'])}: {'met' if ratio['met'] else '**missed**'}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A markdown table."""
    lines = [list(head), ["---"] * len(list(head)), *map(list, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def summary(known: Mapping[str, Any]) -> str:
    """Every ratio with its aim."""
    rows = [
        (f"[{one['title']}](#{name})", what, spread(ratio), verdict(ratio))
        for name, one in known.items()
        for what, ratio in one["ratios"].items()
        if ratio["aim"] is not None
    ]
    return table(("what", "compared", "found", "aim"), rows)


def section(name: str, one: Mapping[str, Any], remark: str) -> str:
    """A row in full."""
    parts = [
        f"### {name}\n\n{one['title'][0].upper()}{one['title'][1:]}. Against: {one['against']}."
    ]
    if one["gates"]:
        gates = "; ".join(f"{g['what']} {number(g['value'])}" for g in one["gates"])
        parts.append(f"Gate: {gates}.")
    if one["figures"]:
        rows = [(what, spread(f), f["unit"], str(f["turns"])) for what, f in one["figures"].items()]
        parts.append(table(("figure", "median (range)", "unit", "turns"), rows).rstrip())
    if one["ratios"]:
        rows = [(what, spread(r), verdict(r)) for what, r in one["ratios"].items()]
        parts.append(table(("ratio", "median (range)", "aim"), rows).rstrip())
    parts += one["notes"]
    plain = {k: v for k, v in one["more"].items() if isinstance(v, int | float | str)}
    if plain:
        parts.append("Also: " + "; ".join(f"{k} {v}" for k, v in plain.items()) + ".")
    if remark:
        parts.append(remark)
    used = ", ".join(f"{name} {number}" for name, number in one["versions"].items())
    parts.append(f"`{one['command']}`, {one['date']}, {one['seconds']:.0f} s; {used}.")
    return "\n\n".join(parts) + "\n"


def changes(remarks: Mapping[str, Any]) -> str:
    """What was changed, with the effect that was expected and the one that was found."""
    rows = [(c["change"], c["predicted"], c["measured"], c["kept"]) for c in remarks["changes"]]
    return table(("change", "predicted", "measured", "kept"), rows)


def machines(known: Mapping[str, Any]) -> str:
    """What the rows ran on."""
    machines_said = {json.dumps(one["machine"], sort_keys=True) for one in known.values()}
    lines = []
    for text in sorted(machines_said):
        m = json.loads(text)
        lines.append(
            f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}, Python "
            f"{m['python']}"
        )
    return "Machine: " + "; or ".join(lines) + ".\n"


def page(known: Mapping[str, Any], remarks: Mapping[str, Any]) -> str:
    """The whole page."""
    parts = [OPENING]
    if known:
        parts += [machines(known), "## In short\n", summary(known)]
    for title, names in ROWS.items():
        parts.append(f"## {title}\n")
        there = [name for name in names if name in known]
        parts += [section(n, known[n], remarks["rows"].get(n, "")) for n in there]
        missing = [name for name in names if name not in known]
        if missing:
            parts.append(f"Not measured yet: {', '.join(missing)}.\n")
    if remarks["changes"]:
        parts += ["## What was changed, and what it did\n", changes(remarks)]
    return "\n".join(parts)


def remarks_of(path: Path = HERE / "remarks.json") -> dict[str, Any]:
    """What people say of the results."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_page() -> None:
    """Write the page anew."""
    (HERE / "README.md").write_text(page(results(), remarks_of()), encoding="utf-8")


if __name__ == "__main__":
    write_page()
