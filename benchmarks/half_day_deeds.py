"""What learners and their teacher do in a rehearsal, each deed as the pages offer it.

A deed that the server's end cuts off is done again from its beginning, so each may be done twice.
"""

from benchmarks.half_day import ScheduleRow
from benchmarks.person import Does, Person

CASES, TRIES = 5, 3


async def arrive(who: Person, row: ScheduleRow) -> None:
    await who.one.open()


async def move_one_factor(who: Person, row: ScheduleRow) -> None:
    await who.want(who.one.choose("Factor", "severity"), "Factor")
    for value in (0.2, 0.5):
        await who.want(who.one.put("do(severity)", value), "do(severity)")


async def lock(who: Person, row: ScheduleRow) -> None:
    """Again where the page said no, as one who wants to be counted."""
    await who.at(row)
    if place := who.asked(row).at:
        await who.tab(place)
    question = (who.one.token, who.one.path, row.item)
    for _ in range(TRIES):
        if question not in who.one.acknowledged and (kept := kept_answer(who, row)) is not None:
            who.one.acknowledged[question] = kept  # the server ended before it could say so
        if question in who.one.acknowledged:
            return
        if not await who.one.lock(who.dice, row.item):
            break
    if question not in who.one.acknowledged:
        who.day.miss(f"locked answer to {row.item}")


def kept_answer(who: Person, row: ScheduleRow) -> int | None:
    """Which option the page shows as locked; None where it asks."""
    asked = who.asked(row)
    said = [text for text in who.one.words if text.startswith(":material/lock: You said")]
    for k, (_, label) in enumerate(asked.options):
        if any(f"*{label}*" in text for text in said):
            return k
    return None


async def move_mesophyll(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    await who.tab("One plant")
    for value in (1.1, 1.8, 2.5):
        await who.want(who.one.put("do(mesophyll)", value), "do(mesophyll)")


async def look_for_partners(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    await who.tab("Partners")
    await who.want(who.one.put("World", "shared_light"), "World")
    await who.worked("Look for partners")


async def open_the_folder(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    await who.tab("Folder")


async def lock_the_others(who: Person, row: ScheduleRow) -> None:
    """All bets of the tab: what is recorded there opens with the last."""
    while await who.one.lock(who.dice):
        if who.one.alerts:
            who.day.miss("a locked answer")
            break


async def the_answer(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    if place := who.asked(row).at:
        await who.tab(place)
    await who.want(who.one.press_keyed(f"reveal {row.item}"), "Show the answer")


async def both_splits(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    await who.tab("The curve")
    for split in ("valid", "train"):
        await who.want(who.one.choose("Split", split), f"split {split}")


async def read_the_fork(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    await who.tab("Fork")


async def five_cases(who: Person, row: ScheduleRow) -> None:
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


async def read_the_card(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    await who.tab("Report card")


async def read_their_predictions(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    await who.tab("My predictions")


async def make_a_claim(who: Person, row: ScheduleRow) -> None:
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


async def read_their_claims(who: Person, row: ScheduleRow) -> None:
    await who.at(row)
    await who.tab("My claims")


async def fetch_the_report(who: Person, row: ScheduleRow) -> None:
    if who.one.path != "report":
        await who.one.visit("report")
    await who.tab("Export")
    await who.want(who.one.press("Make my report"), "Make my report")
    data = await who.one.fetch("plantedu-report.zip")
    if data:
        who.day.reports[who.seat] = data
    else:
        who.day.miss("plantedu-report.zip")


async def verify_a_neighbours(who: Person, row: ScheduleRow) -> None:
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


async def ask(who: Person, row: ScheduleRow) -> None:
    """The question on the wall; the teacher's page shows lesson and question as boxes."""
    lesson, asked = who.day.course[row.block], who.asked(row)
    await who.want(who.one.put("Lesson", f"{lesson.number} {lesson.title}"), "Lesson")
    await who.want(who.one.put("Question", asked.question), "Question on the wall")


async def votes(who: Person, row: ScheduleRow) -> None:
    await who.want(who.one.put("Show the votes", True), "Show the votes")


async def show_answer(who: Person, row: ScheduleRow) -> None:
    await who.want(who.one.put("Show the right answer", True), "Show the right answer")


async def class_calibration(who: Person, row: ScheduleRow) -> None:
    await who.want(who.one.put("Show the class's calibration", True), "class's calibration")


async def delete_class(who: Person, row: ScheduleRow) -> None:
    label = f"Delete {who.day.code} for good"
    await who.want(who.one.press(label), "Delete for good")


LEARNS: dict[str, Does] = {
    "arrive": arrive,
    "move one factor": move_one_factor,
    "lock": lock,
    "lock the others": lock_the_others,
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


def does(who: Person, deed: str) -> Does | None:
    """How somebody does a deed; None where it is not theirs."""
    return (TEACHES if who.seat < 0 else LEARNS).get(deed)
