"""A lesson file as data: front matter, then nine sections in one order, a tenth where it is long.

What a learner does in half an hour stands in nine; what can wait stands in *Go deeper*, between
Explain and Exercises, with the bets that only it settles.

The file is the only source of a lesson: the app, the tests and the code host read the same one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from plantedu.course.blocks import (
    Block,
    Exercise,
    Figure,
    Folded,
    InCode,
    Lines,
    Prediction,
    Text,
    read_blocks,
)
from plantedu.errors import PlantEduError, require

HEADINGS = (
    "Question",
    "Predict",
    "Run",
    "Look at the null first",
    "Explain",
    "Exercises",
    "What would change my mind",
    "Key points",
    "Further reading",
)
DEEPER = "Go deeper"  # after Explain, where there is more than the core
HABITS = (
    "Predict first",
    "Null first",
    "Ask the ruler",
    "Audit the pipe",
    "Intervene",
    "Count seeds",
    "Grade the method",
    "Bound the claim",
)
LISTS = ("habits", "objectives", "prerequisites", "controls", "planted", "sources")
WORDS = ("title", "question", "minutes", "waits", "gpu")


@dataclass(frozen=True)
class Lesson:
    """One lesson; `stem` is the name of its file and of its page.

    `minutes` are those of its core, `waits` those among them that pass while a run works.
    """

    stem: str
    title: str
    question: str
    minutes: int
    waits: int
    habits: tuple[str, ...]
    objectives: tuple[str, ...]
    prerequisites: tuple[str, ...]
    controls: tuple[str, ...]
    planted: tuple[str, ...]
    sources: tuple[str, ...]
    gpu: str
    sections: Mapping[str, tuple[Block, ...]]

    @property
    def number(self) -> str:
        """The two digits that order the lessons."""
        return self.stem.partition("_")[0]

    @property
    def url(self) -> str:
        """Path of its page: the stem without its number."""
        return self.stem.partition("_")[2]

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """All predictions, in reading order."""
        return tuple(block for block in self._blocks() if isinstance(block, Prediction))

    def bets(self, heading: str) -> tuple[Prediction, ...]:
        """The predictions of one section: of the core under Predict, the rest under Go deeper."""
        blocks = self.sections.get(heading, ())
        return tuple(block for block in blocks if isinstance(block, Prediction))

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises, in reading order."""
        return tuple(block for block in self._blocks() if isinstance(block, Exercise))

    @property
    def in_code(self) -> dict[str, str]:
        """Titles of the exercises in code, by key, in reading order."""
        written = [block.titles for block in self._blocks() if isinstance(block, InCode)]
        return {key: title for titles in written for key, title in titles.items()}

    @property
    def tasks(self) -> tuple[str, ...]:
        """Ids of all exercises: first those with an answer, then those in code."""
        return (*(task.id for task in self.exercises), *self.in_code)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All figures, in reading order."""
        return tuple(block for block in self._blocks() if isinstance(block, Figure))

    @property
    def texts(self) -> tuple[str, ...]:
        """Markdown of all plain text, in reading order."""
        return tuple(block.markdown for block in self._blocks() if isinstance(block, Text))

    @property
    def folded(self) -> tuple[str, ...]:
        """Markdown of all folded text, in reading order."""
        return tuple(block.text for block in self._blocks() if isinstance(block, Folded))

    def _blocks(self) -> Sequence[Block]:
        return [block for blocks in self.sections.values() for block in blocks]


def parse_lesson(path: Path) -> Lesson:
    """Read one lesson file.

    Raises:
        PlantEduError: if the file is missing or not a lesson; says where and what to write.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlantEduError(f"The lesson {path} cannot be read: {error}.") from error
    stem = Path(path).stem
    require(
        re.fullmatch(r"\d\d_[a-z0-9_]+", stem) is not None,
        f"A lesson is called NN_name.md, in small letters; got {Path(path).name}.",
    )
    head, body, first = _split(text, Path(path).name)
    lesson = Lesson(stem=stem, **head, sections=_sections(body, Path(path).name, first))
    _check_ids(lesson)
    _check_title(lesson, body, Path(path).name)
    return lesson


def lesson_files(folder: Path) -> list[Path]:
    """The lesson files of a folder, in their order; other markdown beside them is left out."""
    return sorted(path for path in Path(folder).glob("*.md") if re.match(r"\d\d_", path.name))


def lessons_in(folder: Path) -> list[Lesson]:
    """Every lesson of a folder, in its order; read again only when a file has changed."""
    return [_parsed(path, path.stat().st_mtime_ns) for path in lesson_files(folder)]


@lru_cache(maxsize=64)
def _parsed(path: Path, _changed: int) -> Lesson:
    return parse_lesson(path)


def _split(text: str, file: str) -> tuple[dict[str, Any], str, int]:
    """Front matter as fields, the body, and the body's first line."""
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    require(match is not None, f"{file} must begin with front matter between two lines of ---.")
    matter = match.group(1) if match else ""
    try:
        found = yaml.load(matter, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise PlantEduError(f"{file}: the front matter is not YAML: {error}") from error
    body = text[match.end() :] if match else ""
    return _front_matter(found, file), body, matter.count("\n") + 4


def _front_matter(found: object, file: str) -> dict[str, Any]:
    """The checked fields of the front matter."""
    require(isinstance(found, Mapping), f"{file}: front matter is a list of name: value.")
    given: Mapping[str, Any] = found  # type: ignore[assignment]
    given = {"waits": "0", **given}
    missing = [name for name in (*WORDS, *LISTS) if name not in given]
    strange = sorted(set(given) - {*WORDS, *LISTS})
    require(
        not missing and not strange,
        f"{file}: front matter lacks {missing} and has {strange}, which no lesson has; "
        f"it holds {', '.join((*WORDS, *LISTS))}.",
    )
    for name in LISTS:
        fine = isinstance(given[name], list) and all(isinstance(v, str) for v in given[name])
        require(fine, f"{file}: {name} must be a list of texts, got {given[name]!r}.")
    unknown = [habit for habit in given["habits"] if habit not in HABITS]
    require(not unknown, f"{file}: no habit is called {unknown}; they are {', '.join(HABITS)}.")
    numbers = {name: str(given[name]) for name in ("minutes", "waits")}
    for name, value in numbers.items():
        require(value.isdecimal(), f"{file}: {name} must be a whole number, got {value!r}.")
    require(given["gpu"] in ("no", "helps"), f"{file}: gpu is no or helps, got {given['gpu']!r}.")
    words: dict[str, Any] = {name: str(given[name]).strip() for name in WORDS}
    words |= {name: int(value) for name, value in numbers.items()}
    require(bool(words["title"] and words["question"]), f"{file}: title and question are empty.")
    return words | {name: tuple(given[name]) for name in LISTS}


def _sections(body: str, file: str, first: int) -> dict[str, tuple[Block, ...]]:
    """The blocks under each heading; headings inside code fences do not count."""
    lines = Lines(file, first, tuple(body.split("\n")))
    starts = _headings(lines)
    found = [heading for _, heading in starts]
    allowed: list[str] = list(HEADINGS)
    if DEEPER in found:
        allowed.insert(allowed.index("Explain") + 1, DEEPER)
    require(
        found == allowed,
        f"{file}: the headings are {found}; a lesson has {allowed}, in this order.",
    )
    ends = [start for start, _ in starts[1:]] + [len(lines.lines)]
    return {
        heading: read_blocks(lines.part(start + 1, end))
        for (start, heading), end in zip(starts, ends, strict=True)
    }


def _headings(lines: Lines) -> list[tuple[int, str]]:
    found, fence = [], None
    for index, line in enumerate(lines.lines):
        if line.startswith("```"):
            fence = index if fence is None else None
        if line.startswith("## ") and fence is None:
            found.append((index, line[3:].strip()))
    require(fence is None, f"{lines.at(fence or 0)}: this code fence is never closed.")
    return found


def _check_ids(lesson: Lesson) -> None:
    """Ids of a lesson are its own, and predictions stand where they are asked first."""
    ids = [*(block.id for block in lesson.predictions), *lesson.tasks]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    require(not twice, f"{lesson.stem}.md uses the id {twice} twice; each item needs its own.")
    asked = {block.id for block in lesson.bets("Predict")}
    placed = {*asked, *(block.id for block in lesson.bets(DEEPER))}
    late = [block.id for block in lesson.predictions if block.id not in placed]
    require(
        not late, f"{lesson.stem}.md asks {late} elsewhere than under Predict or {DEEPER}; move it."
    )
    require(bool(asked), f"{lesson.stem}.md has no prediction under Predict; add one.")


def _check_title(lesson: Lesson, body: str, file: str) -> None:
    """The heading that a code host shows is the title in the front matter."""
    before = body.split("\n## ", 1)[0].strip()
    require(
        before in ("", f"# {lesson.title}"),
        f"{file}: between front matter and ## Question stands only '# {lesson.title}'.",
    )
