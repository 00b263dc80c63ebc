"""From nothing to the first page, and where the time goes.

A copy of the tracked files in a new folder, then the README's own command in steps: what uv has to
fetch, laying it out, the first start of the server, its first page in a real browser, and the same
again once everything has been compiled. What is fetched comes from wherever this machine's uv is
set to look, so its seconds say more about that line than about the course; its bytes do not.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.live_page import free_port, wait_for
from benchmarks.measuring import ROOT, Found, Row, spread

PLAIN = ["--no-dev", "--quiet"]


def copy_of(place: Path) -> Path:
    """The tracked files in a folder of their own."""
    names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    return place


def size(folder: Path) -> float:
    """GB in a folder."""
    return (
        sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) / 1e9
    )


def largest(folder: Path, count: int = 6) -> dict[str, float]:
    """The largest packages, GB."""
    (place,) = folder.rglob("site-packages")
    sizes = {one.name: size(one) for one in place.iterdir() if one.is_dir()}
    top = sorted(sizes, key=lambda name: -sizes[name])[:count]
    return {name: round(sizes[name], 2) for name in top}


def install(place: Path, cache: Path | None) -> float:
    """Seconds of `uv sync`; a cache of its own makes it fetch everything."""
    words = ["uv", "sync", *PLAIN]
    setting = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    if cache is not None:
        setting["UV_CACHE_DIR"] = str(cache)
    shutil.rmtree(place / ".venv", ignore_errors=True)
    began = time.perf_counter()
    subprocess.run(words, cwd=place, env=setting, check=True)
    return time.perf_counter() - began


def start(place: Path, home: Path) -> dict[str, float]:
    """Seconds from the command to a listening server, and to the first page in a browser."""
    port = free_port()
    python = place / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    words = [str(python), "-m", "streamlit", "run", "app/main.py", "--server.headless=true"]
    words += ["--server.address=127.0.0.1", f"--server.port={port}"]
    setting = os.environ | {"PLANTEDU_HOME": str(home)}
    with sync_playwright() as tools, (home / "server.log").open("a") as log:
        browser = tools.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        began = time.perf_counter()
        server = subprocess.Popen(words, cwd=place, env=setting, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", 120)
            listening = time.perf_counter() - began
            page.goto(f"http://127.0.0.1:{port}")
            page.get_by_role("heading", level=1).first.wait_for(timeout=120_000)
            shown = time.perf_counter() - began
        finally:
            server.terminate()
            server.wait()
            browser.close()
    return {"listens": listening, "shows its first page": shown}


def measure(options: argparse.Namespace) -> Found:
    found = Found()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        place, home = copy_of(Path(name) / "course"), Path(name) / "home"
        home.mkdir()
        if not options.quick:
            cache = Path(name) / "cache"
            fetched = install(place, cache)
            found.figure("fetching and laying out everything", spread([fetched]), "s")
            shutil.rmtree(cache)
        laid = install(place, None)
        found.figure("laying out what is fetched already", spread([laid]), "s")
        found.more["installed GB"] = round(size(place / ".venv"), 2)
        found.more["largest packages, GB"] = largest(place / ".venv")
        first = start(place, home)
        again = [start(place, home) for _ in range(options.repeats)]
    for what, seconds in first.items():
        found.figure(f"first start: {what}", spread([seconds]), "s")
        found.figure(f"later starts: {what}", spread([one[what] for one in again]), "s")
    return found


ROW = Row(
    name="cold_start",
    title="from an empty folder to the first page, seconds",
    against="nothing: stated, with its parts",
    measure=measure,
    measures=("app", "requirements.txt"),
    packages=("streamlit",),
    repeats=5,
)

if __name__ == "__main__":
    ROW.run()
