"""Who takes part in a rehearsal: at a page of their own, back after the server's end, waiting."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from benchmarks.attackers import GONE
from benchmarks.half_day import ScheduleRow
from benchmarks.learners import Learner
from benchmarks.page_seen import TABS
from plantedu.course.blocks import Prediction
from plantedu.course.lessons import Lesson

JOB = 300.0  # seconds after which nobody waits for a worker any more
BACK = 180.0  # seconds for the server to come back
OVER = ("**done**", "**failed**", "**cancelled**")
Does = Callable[["Person", ScheduleRow], Awaitable[None]]


@dataclass(frozen=True)
class Wait:
    """The longest time within a deed between a press and what it shows.

    Attributes:
        row: Number of the row.
        deed: What was done.
        seconds: How long it took.
        cut: Whether the server was killed meanwhile.
    """

    row: int
    deed: str
    seconds: float
    cut: bool = False


@dataclass
class Day:
    """What all in the room share.

    Attributes:
        course: The lessons.
        code: Of the class.
        reports: The zip that each seat has fetched.
        missing: What a page did not offer when somebody wanted it, and how often.
    """

    course: dict[str, Lesson]
    code: str = ""
    reports: dict[int, bytes] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)

    def miss(self, what: str) -> None:
        self.missing[what] = self.missing.get(what, 0) + 1


@dataclass
class Person:
    """A learner, or the teacher, at a page of their own.

    Attributes:
        seat: Number of the learner; -1 is the teacher.
        one: The session.
        day: What all share.
        waits: One a deed.
        jobs: Seconds waited for the worker in the deed at hand.
    """

    seat: int
    one: Learner
    day: Day
    waits: list[Wait] = field(default_factory=list)
    jobs: list[float] = field(default_factory=list)

    @property
    def dice(self) -> random.Random:
        return random.Random(f"{self.seat} {len(self.waits)}")

    async def steadily(self, number: int, deed: str, row: ScheduleRow, does: Does | None) -> None:
        """Do it, again where the server went away."""
        if does is None:
            return
        before, self.jobs = len(self.one.seconds), []
        while True:
            try:
                await does(self, row)
                break
            except GONE:
                self.waits.append(Wait(number, deed, await self.back(), cut=True))
        spent = [*self.one.seconds[before:], *self.jobs, 0.0]
        self.waits.append(Wait(number, deed, max(spent)))

    async def rest(self, seconds: float) -> None:
        """Look at the page for so long."""
        try:
            await self.one.stay(max(0.0, seconds))
        except GONE:
            self.waits.append(Wait(-1, "looking", await self.back(), cut=True))

    async def back(self) -> float:
        """Connect again, as the browser does by itself; seconds until the page stood."""
        began = time.monotonic()
        while time.monotonic() - began < BACK:
            try:
                self.one.repeats.clear()
                await self.one.open()
                return time.monotonic() - began
            except GONE:
                await asyncio.sleep(1.0)
        self.one.errors.append("the server did not come back")
        raise SystemExit("The server did not come back.")

    async def at(self, row: ScheduleRow) -> None:
        """On the page of the row's lesson."""
        path = row.block.partition("_")[2]
        if path and self.one.path != path:
            await self.one.visit(path)

    def asked(self, row: ScheduleRow) -> Prediction:
        """The question of a row."""
        return next(one for one in self.day.course[row.block].predictions if one.id == row.item)

    async def want(self, done: Awaitable[bool], what: str) -> bool:
        """Note what a page does not offer."""
        there = await done
        if not there:
            self.day.miss(what)
        return there

    async def tab(self, name: str) -> None:
        await self.want(self.one.put(TABS, name), f"tab {name}")

    async def worked(self, button: str) -> None:
        """Press, and wait for the worker's result on the page."""
        began = time.monotonic()
        if not await self.want(self.one.press(button), f"button {button}"):
            return
        while not any(word in text for word in OVER for text in self.one.words):
            if time.monotonic() - began > JOB:
                self.day.miss(f"result of {button}")
                break
            await self.one.stay(0.5)
        if any(OVER[1] in text for text in self.one.words):
            self.day.miss(f"a run of {button} that does not fail")
        self.jobs.append(time.monotonic() - began)
