"""How soon the first picture of lesson 05 is there after Draw, on a server that has just started.

    uv run python -m benchmarks.first_draw [--reads 0 15 30] [--ahead 0] [--json]

For each time of reading: a fresh server with an empty home, a Chromium that opens the page by its
address, so many seconds from the moment Draw can be clicked, then a click. *Look* is the seconds
from the click to the first picture drawn from noise, *done* to the last number beside it. Nothing
else may run: these are seconds by the clock. `--ahead 0` is the same without loading ahead.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.live_page import chromium_page, started_server

PATIENCE = 240_000  # milliseconds
DRAWN, NUMBERS = "img[alt^='Drawn, ']", "without the wait for a worker"


def draw(page: Page, address: str, reads: float) -> dict[str, float]:
    """Seconds of one first draw after so many seconds of reading."""
    began = time.perf_counter()
    page.goto(address)
    button = page.get_by_role("button", name="Draw", exact=True)
    button.wait_for(timeout=PATIENCE)
    opened = time.perf_counter() - began
    page.wait_for_timeout(1000 * reads)
    button.click()
    clicked = time.perf_counter()
    page.locator(DRAWN).first.wait_for(timeout=PATIENCE)
    look = time.perf_counter() - clicked
    page.get_by_text(NUMBERS).first.wait_for(timeout=PATIENCE)
    return {"open": opened, "look": look, "done": time.perf_counter() - clicked}


def measure(reads: float, ahead: str) -> dict[str, float]:
    """The same on a server of its own."""
    setting = {"PLANTEDU_AHEAD": ahead}
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        started_server(Path(folder), setting) as (url, _),
        chromium_page() as page,
    ):
        return draw(page, f"{url}/generation", reads)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reads", type=float, nargs="+", default=[0, 15, 30], help="seconds")
    parser.add_argument("--ahead", choices=("0", "1"), default="1")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = {f"{reads:g}": measure(reads, chosen.ahead) for reads in chosen.reads}
    if chosen.json:
        print(json.dumps(found))
        return
    for reads, one in found.items():
        print(f"{reads:>4} s of reading", *(f"{name} {value:6.2f}" for name, value in one.items()))


if __name__ == "__main__":
    main()
