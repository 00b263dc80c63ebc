"""How the rows of the table are measured: arms take turns, ratios are taken within a turn.

A row is one module in `benchmarks/rows`. It checks first that both sides do the same (its gates),
then times them in turns in one process, and its result is one file in `benchmarks/results`, from
which `benchmarks/page.py` writes the table. Every row has the same options:

    uv run --extra bench python -m benchmarks.rows.NAME [--repeats N] [--threads N] [--quick]

`--quick` tries the row out in seconds and writes nothing.
"""

import argparse
import hashlib
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
ALWAYS = ("torch", "numpy")


@dataclass(frozen=True)
class Spread:
    """Median, lowest and highest of some turns."""

    median: float
    lowest: float
    highest: float
    turns: int

    def inverse(self, amount: float = 1.0) -> "Spread":
        """amount / value: seconds become a pace."""
        low, high = amount / self.highest, amount / self.lowest
        return Spread(amount / self.median, low, high, self.turns)


@dataclass(frozen=True)
class Gate:
    """What must hold before any time counts.

    Attributes:
        what: In words.
        value: As found.
        limit: The most that passes.
    """

    what: str
    value: float
    limit: float

    @property
    def passed(self) -> bool:
        return math.isfinite(self.value) and self.value <= self.limit


@dataclass(frozen=True)
class Ratio:
    """A ratio and what was aimed at; `aim` is None for a figure that is only stated."""

    found: Spread
    aim: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool | None:
        if self.aim is None:
            return None
        return self.found.median >= self.aim if self.at_least else self.found.median <= self.aim


@dataclass
class Found:
    """What a row found.

    Attributes:
        gates: All of them; a row whose gate fails has no times.
        figures: Spread by name, and its unit.
        ratios: By name.
        more: Anything else worth keeping, as plain JSON.
        notes: Sentences for the page.
    """

    gates: list[Gate] = field(default_factory=list)
    figures: dict[str, tuple[Spread, str]] = field(default_factory=dict)
    ratios: dict[str, Ratio] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def check(self, what: str, value: float, limit: float) -> None:
        """Add a gate.

        Raises:
            SystemExit: if it does not hold: then there is nothing to time.
        """
        gate = Gate(what, float(value), limit)
        self.gates.append(gate)
        if not gate.passed:
            raise SystemExit(f"Gate failed: {what}: {value:.3g}, at most {limit:.3g} passes.")

    def figure(self, name: str, found: Spread, unit: str) -> None:
        self.figures[name] = found, unit

    def ratio(
        self,
        name: str,
        found: Spread,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> None:
        """Add a ratio with its aim, or without one."""
        aim = at_least if at_most is None else at_most
        self.ratios[name] = Ratio(found, aim, at_most is None)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "gates": [asdict(gate) | {"passed": gate.passed} for gate in self.gates],
            "figures": {n: asdict(s) | {"unit": u} for n, (s, u) in self.figures.items()},
            "ratios": {
                name: asdict(r.found) | {"aim": r.aim, "at_least": r.at_least, "met": r.met}
                for name, r in self.ratios.items()
            },
            "more": self.more,
            "notes": self.notes,
        }


@dataclass(frozen=True)
class Row:
    """One row of the table: what it is called, and how it is found.

    Attributes:
        name: Of the module and of the file of results.
        title: What is measured.
        against: What it is compared with.
        measure: Finds it; gets the parsed options.
        measures: Files and folders that a result depends on, from the root.
        packages: Whose versions are kept besides torch and numpy.
        repeats: Turns by default.
    """

    name: str
    title: str
    against: str
    measure: Callable[[argparse.Namespace], Found]
    measures: tuple[str, ...]
    packages: tuple[str, ...] = ()
    repeats: int = 7

    @property
    def path(self) -> Path:
        return RESULTS / f"{self.name}.json"

    @property
    def command(self) -> str:
        return f"uv run --extra bench python -m benchmarks.rows.{self.name}"

    def code(self) -> str:
        """Digest of everything that the result depends on."""
        wanted = ("benchmarks/measuring.py", f"benchmarks/rows/{self.name}.py", *self.measures)
        digest = hashlib.sha256()
        for name in wanted:
            place = ROOT / name
            for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
                digest.update(path.relative_to(ROOT).as_posix().encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def is_current(self) -> bool:
        """Whether a result of this very code is there."""
        if not self.path.is_file():
            return False
        return json.loads(self.path.read_text(encoding="utf-8"))["code"] == self.code()

    def run(self, argv: Sequence[str] | None = None) -> None:
        """The module's command line."""
        parser = argparse.ArgumentParser(description=self.title)
        parser.add_argument("--repeats", type=int, default=self.repeats, help="turns of each side")
        parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
        parser.add_argument("--quick", action="store_true", help="try it out; write nothing")
        options = parser.parse_args(argv)
        if options.quick:
            options.repeats = 1
        began = time.perf_counter()
        found = self.measure(options)
        self.tell(found)
        if not options.quick:
            self.write(found, options, time.perf_counter() - began)

    def write(self, found: Found, options: argparse.Namespace, seconds: float) -> None:
        """Keep the result with what it rests on."""
        extra = "" if options.repeats == self.repeats else f" --repeats {options.repeats}"
        extra += f" --threads {options.threads}" if options.threads else ""
        said = {
            "name": self.name,
            "title": self.title,
            "against": self.against,
            "command": self.command + extra,
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "code": self.code(),
            "seconds": round(seconds, 1),
            "machine": machine(),
            "versions": versions((*ALWAYS, *self.packages)),
        }
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps(said | rounded(found.as_json()), indent=1, ensure_ascii=False)
        self.path.write_text(text + "\n", encoding="utf-8")

    def tell(self, found: Found) -> None:
        """Print the result for a person."""
        for gate in found.gates:
            print(f"gate   {gate.what}: {gate.value:.3g} (at most {gate.limit:.3g})")
        for name, (spread, unit) in found.figures.items():
            print(f"figure {name}: {shown(spread)} {unit}")
        for name, ratio in found.ratios.items():
            sign = "" if ratio.aim is None else ("  aim >= " if ratio.at_least else "  aim <= ")
            aim = (
                ""
                if ratio.aim is None
                else f"{sign}{ratio.aim:g}: {'met' if ratio.met else 'MISSED'}"
            )
            print(f"ratio  {name}: {shown(ratio.found)}{aim}")
        for note in found.notes:
            print(f"note   {note}")


def shown(spread: Spread) -> str:
    """Median (lowest to highest)."""
    return f"{spread.median:.4g} ({spread.lowest:.4g} to {spread.highest:.4g}, {spread.turns})"


def spread(values: Sequence[float]) -> Spread:
    """Median, lowest and highest."""
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratio_of(top: Sequence[float], bottom: Sequence[float]) -> Spread:
    """Ratios within each turn."""
    return spread([a / b for a, b in zip(top, bottom, strict=True)])


def in_turns(
    arms: Mapping[str, Callable[[], object]], repeats: int, *, warm: int = 1
) -> dict[str, list[float]]:
    """Seconds of every arm in every turn; each second turn goes the other way round.

    Args:
        arms: What is timed, by name.
        repeats: Turns that count.
        warm: Turns before them that do not.
    """
    seconds: dict[str, list[float]] = {name: [] for name in arms}
    for turn in range(warm + repeats):
        order = list(arms) if turn % 2 == 0 else list(arms)[::-1]
        for name in order:
            began = time.perf_counter()
            arms[name]()
            if turn >= warm:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def use_threads(wanted: int) -> int:
    """Let torch use that many threads, 0 for one a core; how many it uses."""
    import torch

    torch.set_num_threads(wanted or os.cpu_count() or 1)
    return torch.get_num_threads()


def machine() -> dict[str, Any]:
    """What it ran on; no names of hosts or people."""
    model, memory = platform.processor(), 0.0
    if sys.platform == "linux":
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def versions(names: Sequence[str]) -> dict[str, str]:
    """Versions of installed packages."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def rounded(value: Any) -> Any:
    """Five digits are more than any clock gives."""
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value:
        return float(f"{value:.5g}")
    return value
