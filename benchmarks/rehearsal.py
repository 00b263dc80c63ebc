"""The default half day played through: thirty learners, a teacher, a wall, the server killed once.

    uv run python -m benchmarks.rehearsal [--learners 30] [--minutes 10] [--browsers 3] [--json]

Rows, minutes and settings come from the plan and its run sheets (`half_day`); learners and teacher
are sessions at the websocket, behind one address as a room is (`half_day_deeds`). Minutes in which
people think are shortened to `--minutes` altogether; computing is not, so the server has as much
to do within ten minutes as within four hours: what is found here is worse than the day. One
Chromium shows the wall, the others follow the lessons' pages. In the locking row nearest to the
middle the server is killed (SIGKILL) and started again.

Reported are: waits (between a press and what it shows) and how many are above LONG seconds, for
which the plan gives no time; by how much rows took longer than they may; seconds of page runs;
answers that a page showed as locked and the store does not hold; and what the wall showed after
each row.
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

from benchmarks.faults import Host
from benchmarks.half_day import ScheduleRow, half_day, killed_in
from benchmarks.half_day_deeds import does
from benchmarks.hosted import PROXIED, ROOM, lost, quantile
from benchmarks.learners import Learner
from benchmarks.live_page import ROOT
from benchmarks.person import Day, Person, Wait
from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import new_token
from plantedu.store.store import FILE, Store

LONG = 60.0  # seconds of a wait that the plan has no time for
LOCKED = re.compile(r"\*{0,2}(\d+) of (\d+) locked")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
RAISED = re.compile(r"^\s*((?:\w+\.)*\w*(?:Error|Exception)\b.{0,160})", re.MULTILINE)
WAITS_LISTED = 8
DELETE = "delete the class"
SEEN = 2.5  # seconds after which the wall has looked again
GRADED = "It was "  # how the clinic begins its verdict on a wrong diagnosis: no refusal


@dataclass
class Rehearsal:
    """One half day.

    Attributes:
        host: The server.
        rows: Of the plan.
        seconds: That a minute of the plan takes.
        teacher, people, wall: Who is there.
        day: What they share.
        shown: What the wall showed after each row, by the websocket and by Chromium.
        late: Seconds that each row took above its time.
        down: Seconds from the kill until the server answered again.
        screens: Seconds until a page of a lesson stood in Chromium.
        on_wall: What it says now.
    """

    host: Host
    rows: list[ScheduleRow]
    seconds: float
    teacher: Person
    people: list[Person]
    wall: Person
    day: Day
    shown: list[dict[str, Any]] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    down: float = 0.0
    screens: list[float] = field(default_factory=list)
    on_wall: list[str] = field(default_factory=list)

    async def play(self, pages: list[Page]) -> None:
        """All rows; the wall is looked at throughout."""
        await self._open(pages)
        looks = asyncio.create_task(self._look())
        for number, row in enumerate(self.rows):
            began, given = time.monotonic(), row.minutes * self.seconds
            await self._row(number, row, given, pages[1:])
            self.late.append(max(0.0, time.monotonic() - began - given))
            said = (
                f"row {number}, {row.block}: {time.monotonic() - began:.0f} s ({given:.0f} given)"
            )
            print(said, file=sys.stderr, flush=True)
            await self._note(number, row, pages[:1])
        looks.cancel()
        for who in (self.teacher, self.wall, *self.people):
            await who.one.close()

    async def _open(self, pages: list[Page]) -> None:
        """The teacher opens each lesson once, as the plan says, and begins a class."""
        one = self.teacher.one
        await one.open()
        for path in dict.fromkeys(row.block.partition("_")[2] for row in self.rows):
            if path:
                await one.visit(path)
        await one.visit("workshop")
        await one.press("Begin a class")
        found = re.search(r"class=(\w+)", one.query)
        if found is None:
            raise SystemExit("No class could be begun.")
        self.day.code = found[1]
        self.wall.one.page, self.wall.one.query = one.pages["projector"], f"class={found[1]}"
        await self.wall.one.open()
        for who in self.people:
            who.one.query = f"learner={who.one.token}&class={found[1]}"
        for page in pages[:1]:
            await page.goto(f"{self.host.url}/projector?class={found[1]}")

    async def _look(self) -> None:
        one = self.wall.one
        while True:
            await self.wall.rest(1.0)
            self.on_wall = one.words[one.since :]
            del one.words[: one.since]
            one.since = 0

    async def _row(self, number: int, row: ScheduleRow, given: float, screens: list[Page]) -> None:
        """The teacher's part, then all at once, each at their pace; deleting comes last."""
        until = time.monotonic() + given
        for deed in row.deeds:
            if deed != DELETE:
                await self.teacher.steadily(number, deed, row, does(self.teacher, deed))
        parts = [self._take_part(who, number, row, given, until) for who in self.people]
        parts += [self._follow(page, row) for page in screens]
        if number == killed_in(self.rows):
            parts.append(self._kill(given / 3))
        await asyncio.gather(*parts, self.teacher.rest(given))
        if DELETE in row.deeds:
            await self.teacher.steadily(number, DELETE, row, does(self.teacher, DELETE))

    async def _take_part(
        self, who: Person, number: int, row: ScheduleRow, given: float, until: float
    ) -> None:
        await asyncio.sleep(who.dice.uniform(0, given / 3)) if number == 0 else await who.rest(
            who.dice.uniform(0, given / 3)
        )
        for deed in row.deeds:
            await who.steadily(number, deed, row, does(who, deed))
            await who.rest(who.dice.uniform(0, given / 3 / len(row.deeds)))
        await who.rest(until - time.monotonic())

    async def _follow(self, page: Page, row: ScheduleRow) -> None:
        path = row.block.partition("_")[2]
        if not path:
            return
        began = time.monotonic()
        try:
            await page.goto(f"{self.host.url}/{path}", wait_until="domcontentloaded")
            await page.get_by_role("heading", name="Further reading").wait_for(timeout=60_000)
        except Exception as error:  # a browser in the outage
            self.day.miss(f"Chromium: {type(error).__name__}")
        else:
            self.screens.append(time.monotonic() - began)

    async def _kill(self, after: float) -> None:
        await asyncio.sleep(after)
        began = time.monotonic()
        await asyncio.to_thread(self.host.kill)
        self.down = time.monotonic() - began

    async def _note(self, number: int, row: ScheduleRow, walls: list[Page]) -> None:
        await asyncio.sleep(SEEN)
        note = {"row": number, "block": row.block, "deeds": list(row.deeds)}
        note["wall"] = shown_by(" ".join(self.on_wall))
        for page in walls:
            text = await page.locator("[data-testid=stMain]").inner_text()
            note["in Chromium"] = shown_by(text)
        self.shown.append(note)


def shown_by(text: str) -> str:
    """How many have locked, and whether votes and answer stand there; else how it begins."""
    text = re.sub(r"<style>.*?</style>", " ", text, flags=re.DOTALL)
    found = LOCKED.search(text)
    if found is None:
        return " ".join(text.split())[:80]
    votes, right = ("Shares of the" in text, "Right:" in text)
    return f"{found[1]} of {found[2]} locked" + ", votes" * votes + ", answer" * right


def longest_waits(waits: list[Wait], rows: list[ScheduleRow]) -> dict[str, Any]:
    """How long people waited, by deed; those of the outage apart."""
    whole = sorted(one.seconds for one in waits if not one.cut)
    cut = [one.seconds for one in waits if one.cut]
    worst = sorted((one for one in waits if not one.cut), key=lambda one: -one.seconds)
    by_deed = {one.deed: one for one in reversed(worst)}
    return {
        "waits": len(whole),
        "wait p95": quantile(whole, 0.95),
        "wait max": quantile(whole, 1.0),
        f"waits above {LONG:.0f} s": sum(s > LONG for s in whole),
        "longest wait of a deed": {
            deed: f"{one.seconds:.1f} s, {rows[one.row].block}"
            for deed, one in sorted(by_deed.items(), key=lambda pair: -pair[1].seconds)[
                :WAITS_LISTED
            ]
        },
        "cut off by the kill": len(cut),
        "back after at most": max(cut, default=0.0),
    }


async def played(host: Host, minutes: float, learners: int, browsers: int) -> Rehearsal:
    """The half day with so many learners, thinking for so many minutes altogether."""
    course = lessons_in(ROOT / "lessons")
    rows = half_day(ROOT / "lessons", course)
    day = Day({one.stem: one for one in course})

    def person(seat: int) -> Person:
        token = new_token()
        one = Learner(host.url, query=f"learner={token}", token=token, address=ROOM)
        return Person(seat, one, day)

    pace = 60 * minutes / sum(row.minutes for row in rows)
    people = [person(seat) for seat in range(learners)]
    found = Rehearsal(host, rows, pace, person(-1), people, person(-2), day)
    async with async_playwright() as play:
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        place = "/usr/bin/chromium"
        opened = await play.chromium.launch(executable_path=place, args=flags) if browsers else None
        pages = [await opened.new_page() for _ in range(browsers)] if opened else []
        await found.play(pages)
        if opened:
            await opened.close()
    return found


def measure(minutes: float, learners: int, browsers: int) -> dict[str, Any]:
    """All figures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        host = Host(home, setting=PROXIED)
        try:
            found = asyncio.run(played(host, minutes, learners, browsers))
        finally:
            host.end()
        people = found.people
        store = Store(home / FILE)
        failed = Counter(f"{r.kind}: {r.error}"[:160] for r in store.runs("failed", limit=1000))
        runs = Counter(f"{r.kind}: {r.state}" for r in store.runs(limit=10_000))
        store.close()
        acknowledged = {
            asked: index for who in people for asked, index in who.one.acknowledged.items()
        }
        gone = lost(home / FILE, acknowledged)
        log = ANSI.sub("", (home / "server.log").read_text(encoding="utf-8"))
    asked = learners * sum("lock" in row.deeds for row in found.rows)
    pages = sorted(s for who in people for s in who.one.seconds)
    late = {
        f"{k} {row.block} {', '.join(row.deeds)}": round(s, 1)
        for k, (row, s) in enumerate(zip(found.rows, found.late, strict=True))
        if s > 1
    }
    return {
        "learners": learners,
        "browsers": browsers,
        "minutes of the plan": sum(row.minutes for row in found.rows),
        "thinking was shortened by": 60 / found.seconds,
        "wall-clock minutes": (time.monotonic() - began) / 60,
        **longest_waits([w for who in (*people, found.teacher) for w in who.waits], found.rows),
        "rows that took longer, s": late,
        "page runs": len(pages),
        "page p50": quantile(pages, 0.5),
        "page p95": quantile(pages, 0.95),
        "page max": quantile(pages, 1.0),
        "Chromium p95": quantile(sorted(found.screens), 0.95),
        "server away, s": found.down,
        "answers to lock": asked,
        "acknowledged locks": len(acknowledged),
        "acknowledged and lost": gone,
        "runs": dict(runs),
        "failed": dict(failed),
        "not offered": found.day.missing,
        "refused": {
            said: count
            for said, count in sum((who.one.refused for who in people), Counter()).items()
            if not said.startswith(GRADED)
        },
        "errors": dict(Counter(error[:120] for who in people for error in who.one.errors)),
        "tracebacks": dict(Counter(RAISED.findall(log))),
        "the wall": [one for one in found.shown if one["deeds"]],
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10.0, help="of thinking, altogether")
    parser.add_argument("--browsers", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = measure(chosen.minutes, chosen.learners, chosen.browsers)
    if chosen.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        if isinstance(value, list):
            print(name, *(f"    {one}" for one in value), sep="\n")
        else:
            print(f"{name:<28}{f'{value:.2f}' if isinstance(value, float) else value}")


if __name__ == "__main__":
    main()
