"""The default half day as a list of rows, read from the plan and its run sheets.

`lessons/workshop.md` gives the blocks and their minutes; a block that has a run sheet in
`lessons/teaching/` is played row by row. What people do in a row follows from its words, see
`WORDS`: so a plan that is changed is rehearsed as changed, and a row whose words nobody knows is
talk.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from plantedu.course.lessons import Lesson
from plantedu.errors import require

ROW = re.compile(r"^\|\s*(\d+)\s*\|(.+)\|\s*$", re.MULTILINE)
LINKED = re.compile(r"\]\((\d\d_\w+)\.md\)")
QUESTION = re.compile(r"question (\d)")
PLAN = "### The plan"
WORDS = (  # what a row says, and what is done then; in the order of the row's words
    (r"open the address", "arrive"),
    (r"move one factor", "move one factor"),
    (r"[Ww]all: question \d", "lock"),
    (r"each locks questions?", "lock the others"),
    (r"^votes|; votes", "votes"),
    (r"move `mesophyll`", "move mesophyll"),
    (r"partners by brightness", "look for partners"),
    (r"`pairs check`", "open the folder"),
    (r"the detector", "both splits"),
    (r"tab \*Fork\*, recorded", "read the fork"),
    (r"tab \*Clinic\*: five cases", "five cases"),
    (r"tab \*Report card\*: find", "read the card"),
    (r"tab \*My predictions\*", "read their predictions"),
    (r"the class's calibration\. ", "the class's calibration"),
    (r"makes one claim", "make a claim"),
    (r"tab \*My claims\*", "read their claims"),
    (r"fetch their report", "fetch the report"),
    (r"press \*Verify it\*", "verify a neighbour's"),
    (r"show the answer", "the answer"),
    (r"delete the class", "delete the class"),
)


@dataclass(frozen=True)
class ScheduleRow:
    """Some minutes of the day.

    Attributes:
        minutes: That the plan gives.
        block: "01_pairs", "Home", "break" or "end".
        says: The row's words.
        deeds: What is done, of `WORDS`.
        item: Id of the question that is asked in it, or was asked last in its lesson.
    """

    minutes: float
    block: str
    says: str
    deeds: tuple[str, ...]
    item: str = ""


def half_day(lessons: Path, course: list[Lesson]) -> list[ScheduleRow]:
    """All rows in their order.

    Args:
        lessons: The folder of the lessons.
        course: The lessons, for the ids of their questions.

    Raises:
        PlantEduError: for a sheet whose minutes are not those of its block.
    """
    plan = (lessons / "workshop.md").read_text(encoding="utf-8").partition(PLAN)[2]
    items = {one.stem: [asked.id for asked in one.predictions] for one in course}
    rows: list[ScheduleRow] = []
    for minutes, words in ROW.findall(plan.partition("\n#")[0]):
        linked = LINKED.search(words)
        if linked is None:
            block = words.split("|")[0].strip()
            rows.append(ScheduleRow(float(minutes), block, words.strip(), deeds_of(words)))
            continue
        stem = linked[1]
        sheet = _sheet(lessons / "teaching" / f"{stem}.md", stem, items[stem])
        given = sum(one.minutes for one in sheet)
        require(given == float(minutes), f"{stem}: {minutes} minutes, its sheet has {given:g}.")
        rows += sheet
    return rows


def _sheet(path: Path, stem: str, items: list[str]) -> list[ScheduleRow]:
    rows, item = [], ""
    for minutes, words in ROW.findall(path.read_text(encoding="utf-8")):
        if asked := QUESTION.search(words):
            item = items[int(asked[1]) - 1]
        rows.append(ScheduleRow(float(minutes), stem, words.strip(), deeds_of(words), item))
    return rows


def deeds_of(words: str) -> tuple[str, ...]:
    """What is done in a row, in the order in which it says so."""
    found = [(hit.start(), deed) for says, deed in WORDS if (hit := re.search(says, words.strip()))]
    return tuple(deed for _, deed in sorted(found))


def killed_in(rows: list[ScheduleRow]) -> int:
    """The row in which the server is killed: of those that lock, the one nearest to the middle."""
    whole, begins, found = sum(one.minutes for one in rows), 0.0, []
    for k, one in enumerate(rows):
        if "lock" in one.deeds:
            found.append((abs(begins + one.minutes / 2 - whole / 2), k))
        begins += one.minutes
    return min(found)[1]
