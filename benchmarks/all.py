"""Every row of the table in turn, then the page; goes on where it stopped.

    uv run --extra bench python -m benchmarks.all [--again] [--only NAME ...] [--minutes 40]

A row whose result is of this very code is not measured again, unless asked. Each row has a process
of its own, and the machine should have nothing else to do. Rows stand in the order of their worth;
none is begun after the minutes are over.
"""

import argparse
import subprocess
import sys
import time
from importlib import import_module

from benchmarks.measuring import ROOT, Row
from benchmarks.page import write_page

ORDER = (
    "swav_step",
    "watching",
    "crops",
    "cka",
    "attacks",
    "sampling",
    "rendering",
    "live",
    "memory",
    "quality",
    "store_growth",
    "sweep_growth",
    "steps_growth",
    "cka_growth",
    "cold_start",
)


def row_of(name: str) -> Row:
    """The row of a module."""
    return import_module(f"benchmarks.rows.{name}").ROW


def main() -> int:
    """Measure what is missing; 1 if a row failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--again", action="store_true", help="measure rows that are there, too")
    parser.add_argument("--only", nargs="*", default=[], choices=ORDER, metavar="NAME")
    parser.add_argument("--minutes", type=float, default=40.0, help="begin no row after these")
    parser.add_argument("--quick", action="store_true", help="try every row out; write nothing")
    options = parser.parse_args()
    began, failed = time.monotonic(), []
    for name in options.only or ORDER:
        spent = (time.monotonic() - began) / 60
        if spent > options.minutes:
            print(f"{name}: left for another time, {spent:.0f} minutes are over", flush=True)
            continue
        if not (options.again or options.quick) and row_of(name).is_current():
            print(f"{name}: there already", flush=True)
            continue
        print(f"\n=== {name} (at {spent:.1f} min)", flush=True)
        words = [sys.executable, "-m", f"benchmarks.rows.{name}", *["--quick"] * options.quick]
        if subprocess.run(words, cwd=ROOT, check=False).returncode:
            failed.append(name)
    if not options.quick:
        write_page()
    print(f"\n{(time.monotonic() - began) / 60:.1f} minutes; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
