"""What learners and their teacher do in a rehearsal, each deed as the pages offer it.

A deed that the server's end cuts off is done again from its beginning, so each may be done twice.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from benchmarks.attackers import GONE
from benchmarks.half_day import Row
from benchmarks.learners import Learner
from benchmarks.page_seen import TABS
from plantedu.course.lessons import Lesson

JOB = 300.0  # seconds after which nobody waits for a worker any more
BACK = 180.0  # seconds for the server to come back
CASES, TRIES = 5, 3
OVER = ("**done**", "**failed**", "**cancelled**")


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

    async def steadily(self, number: int, deed: str, row: Row) -> None:
        """Do it, again where the server went away."""
        does = (TEACHES if self.seat < 0 else LEARNS).get(deed)
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

    async def at(self, row: Row) -> None:
        """On the page of the row's lesson."""
        path = row.block.partition("_")[2]
        if path and self.one.path != path:
            await self.one.visit(path)

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


async def arrive(who: Person, row: Row) -> None:
    await who.one.open()


async def move_one_factor(who: Person, row: Row) -> None:
    await who.want(who.one.choose("Factor", "severity"), "Factor")
    for value in (0.2, 0.5):
        await who.want(who.one.put("do(severity)", value), "do(severity)")


async def lock(who: Person, row: Row) -> None:
    """Again where the page said no, as one who wants to be counted."""
    await who.at(row)
    told = (who.one.token, who.one.path, row.item)
    for _ in range(TRIES):
        if told not in who.one.told and (kept := kept_answer(who, row)) is not None:
            who.one.told[told] = kept  # the server ended before it could say so
        if told in who.one.told:
            return
        if not await who.one.lock(who.dice, row.item):
            break
    if told not in who.one.told:
        who.day.miss(f"locked answer to {row.item}")


def kept_answer(who: Person, row: Row) -> int | None:
    """Which option the page shows as locked; None where it asks."""
    lesson = who.day.course[row.block]
    asked = next(one for one in lesson.predictions if one.id == row.item)
    said = [text for text in who.one.words if text.startswith(":material/lock: You said")]
    for k, (_, label) in enumerate(asked.options):
        if any(f"*{label}*" in text for text in said):
            return k
    return None


async def move_mesophyll(who: Person, row: Row) -> None:
    await who.at(row)
    for value in (1.1, 1.8, 2.5):
        await who.want(who.one.put("do(mesophyll)", value), "do(mesophyll)")


async def look_for_partners(who: Person, row: Row) -> None:
    await who.at(row)
    await who.tab("Partners")
    await who.want(who.one.put("World", "shared_light"), "World")
    await who.worked("Look for partners")


async def open_the_folder(who: Person, row: Row) -> None:
    await who.at(row)
    await who.tab("Folder")


async def the_answer(who: Person, row: Row) -> None:
    """Of all questions of the page that are locked and not shown yet."""
    await who.at(row)
    await who.one.press("Show the answer")


async def both_splits(who: Person, row: Row) -> None:
    await who.at(row)
    for split in ("valid", "train"):
        await who.want(who.one.choose("Split", split), f"split {split}")


async def read_the_fork(who: Person, row: Row) -> None:
    await who.at(row)
    await who.tab("Fork")


async def five_cases(who: Person, row: Row) -> None:
    """A test ordered, an answer locked, the next case."""
    await who.at(row)
    await who.tab("Clinic")
    for _ in range(CASES):
        tests = [label for label in who.one.buttons if label.rpartition(" · ")[2].isdigit()]
        if tests:
            await who.one.press(who.dice.choice(tests))
        asked = next((q for q in who.one.radios.values() if q.label == "What happened?"), None)
        index = who.dice.randrange(len(asked.options)) if asked else 0
        await who.want(who.one.answer("What happened?", index, "Lock my diagnosis"), "diagnosis")
        await who.want(who.one.press("Next case"), "Next case")


async def read_the_card(who: Person, row: Row) -> None:
    await who.at(row)
    await who.tab("Report card")


async def read_their_predictions(who: Person, row: Row) -> None:
    await who.at(row)
    await who.tab("My predictions")


async def make_a_claim(who: Person, row: Row) -> None:
    await who.at(row)
    if not await who.want(who.one.put("Make a claim", True), "Make a claim"):
        return
    offered = who.one.choices.get("The number that carries it", [])
    filled = [
        who.one.fill("My claim", "A probe reads what no head uses."),
        who.one.fill("What would change my mind?", "Weights that fall with the probe's row."),
        bool(offered) and who.one.fill("The number that carries it", who.dice.choice(offered)),
    ]
    if all(filled):
        await who.want(who.one.press("Claim it"), "Claim it")
    else:
        who.day.miss("form of a claim")


async def read_their_claims(who: Person, row: Row) -> None:
    await who.at(row)
    await who.tab("My claims")


async def fetch_the_report(who: Person, row: Row) -> None:
    if who.one.path != "report":
        await who.one.visit("report")
    await who.tab("Export")
    await who.want(who.one.press("Make my report"), "Make my report")
    data = await who.one.fetch("plantedu-report.zip")
    if data:
        who.day.reports[who.seat] = data
    else:
        who.day.miss("plantedu-report.zip")


async def verify_a_neighbours(who: Person, row: Row) -> None:
    others = [seat for seat in sorted(who.day.reports) if seat != who.seat] or [who.seat]
    after = next((seat for seat in others if seat > who.seat), others[0])
    if after not in who.day.reports:
        who.day.miss("a neighbour's report")
        return
    status = await who.one.upload("plantedu-report.zip", "r.zip", who.day.reports[after])
    if status >= 300 or not status:
        who.day.miss(f"upload: {status}")
        return
    await who.worked("Verify it")


async def ask(who: Person, row: Row) -> None:
    """The question on the wall; the teacher's page shows lesson and question as boxes."""
    lesson = who.day.course[row.block]
    asked = next(one for one in lesson.predictions if one.id == row.item)
    await who.want(who.one.put("Lesson", f"{lesson.number} {lesson.title}"), "Lesson")
    await who.want(who.one.put("Question", asked.question), "Question on the wall")


async def votes(who: Person, row: Row) -> None:
    await who.want(who.one.put("Show the votes", True), "Show the votes")


async def show_answer(who: Person, row: Row) -> None:
    await who.want(who.one.put("Show the right answer", True), "Show the right answer")


async def class_calibration(who: Person, row: Row) -> None:
    await who.want(who.one.put("Show the class's calibration", True), "class's calibration")


async def delete_class(who: Person, row: Row) -> None:
    label = f"Delete {who.day.code} for good"
    await who.want(who.one.press(label), "Delete for good")


Does = Callable[[Person, Row], Awaitable[None]]
LEARNS: dict[str, Does] = {
    "arrive": arrive,
    "move one factor": move_one_factor,
    "lock": lock,
    "move mesophyll": move_mesophyll,
    "look for partners": look_for_partners,
    "open the folder": open_the_folder,
    "the answer": the_answer,
    "both splits": both_splits,
    "read the fork": read_the_fork,
    "five cases": five_cases,
    "read the card": read_the_card,
    "read their predictions": read_their_predictions,
    "make a claim": make_a_claim,
    "read their claims": read_their_claims,
    "fetch the report": fetch_the_report,
    "verify a neighbour's": verify_a_neighbours,
}
TEACHES: dict[str, Does] = {
    "lock": ask,
    "votes": votes,
    "the answer": show_answer,
    "the class's calibration": class_calibration,
    "delete the class": delete_class,
}
