"""How soon a lesson's page stands in a Chromium, and how far down its laboratory begins.

    uv run python -m benchmarks.first_paint [--looks 3] [--json]

A fresh server, each page seen once before (warm). For each page a new tab asks for it by its
address; a script in the tab notes at each frame when the lesson's heading is there (*text*) and
when its laboratory can be worked (*lab*), in seconds since the address was asked for. *Top* is
where the laboratory begins, in CSS pixels from the top of the page, on a desk (1,366 px wide) and
on a phone (390 px). Aims: text within 2 s, lab above 1,500 px.
"""

import argparse
import json
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from benchmarks.live_page import ROOT, started_server
from plantedu.course.lessons import lessons_in

DESK: ViewportSize = {"width": 1366, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
FIRST = """
() => {
  const run = document.querySelector('#run');
  const ids = ['stButton', 'stSelectbox', 'stForm'].map(id => `[data-testid=${id}]`);
  const parts = `[data-testid=stMain] :is([role=tab], ${ids.join(', ')})`;
  return run && [...document.querySelectorAll(parts)].find(
    one => one.offsetHeight && run.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
}
"""  # what can be worked first below the heading Run
NOTES = """
window.seen = {};
const heading = () => {
  const found = document.querySelector('[data-testid=stMain] h1');
  return found && found.offsetHeight;
};
const look = () => {
  for (const [name, stands] of [['text', heading], ['lab', FIRST]]) {
    if (!(name in window.seen) && stands()) window.seen[name] = performance.now() / 1000;
  }
  requestAnimationFrame(look);
};
look();
""".replace("FIRST", FIRST.strip())
TOP = """
() => (FIRST)().getBoundingClientRect().top
  - document.querySelector('[data-testid=stMainBlockContainer]').getBoundingClientRect().top
""".replace("FIRST", FIRST.strip())


def look(browser: Browser, address: str, size: ViewportSize) -> dict[str, float]:
    """Seconds and pixels of one look at a page."""
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(NOTES)
    page.goto(address)
    page.get_by_role("heading", name="Further reading").wait_for(timeout=120_000)
    page.wait_for_timeout(500)
    found = page.evaluate("window.seen")
    found["top"] = page.evaluate(TOP)
    context.close()
    return found


def measure(looks: int) -> dict[str, Any]:
    """Of every lesson: median seconds on a desk, and tops on both."""
    found: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        started_server(Path(folder), {}) as (url, _),
        sync_playwright() as tools,
    ):
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        for lesson in lessons_in(ROOT / "lessons"):
            address = f"{url}/{lesson.url}"
            phone = look(browser, address, PHONE)  # and warms
            seen = [look(browser, address, DESK) for _ in range(looks)]
            found[lesson.stem] = {
                "text": statistics.median(one["text"] for one in seen),
                "lab": statistics.median(one["lab"] for one in seen),
                "desk": seen[0]["top"],
                "phone": phone["top"],
            }
        browser.close()
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--looks", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.looks)
    if chosen.json:
        print(json.dumps(found))
        return
    for stem, one in found.items():
        print(f"{stem:<16}", *(f"{name} {value:8.2f}" for name, value in one.items()))


if __name__ == "__main__":
    main()
