"""What a lesson's section is made of, read from its markdown.

The marks are comments and `<details>`, so the same file reads well on a code host:

    <!-- predict id=... at="Tab" settles=... bins=... says=... -->  question, options, explanations
        also="Tab, Tab", where their recorded results name the answer too  <!-- /predict -->
    <!-- exercise id=... difficulty=... minutes=... check=... -->  ...      <!-- /exercise -->
        check=number answer=1/7 within=.004 asks="Share" why="Yes: ...", check=word ..., or a run's
    <!-- write -->  - `02.5` Title of an exercise in code.                  <!-- /write -->
    <details><summary>Title</summary> ... </details>
    ![alt](figures/x.svg) and below it *caption*

Everything else is text. Nothing is read inside a code fence.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from plantedu.course.answer_bins import AnswerBins, answer_bins
from plantedu.errors import PlantEduError, require

DIFFICULTIES = ("easy", "medium", "hard")
KINDS = ("number", "word")  # of an answer that stands in the block


@dataclass(frozen=True)
class Text:
    """Markdown to show as it is."""

    markdown: str


@dataclass(frozen=True)
class Folded:
    """Text that opens on demand."""

    title: str
    text: str


@dataclass(frozen=True)
class Figure:
    """A committed picture; its caption says n, seeds and the null."""

    path: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Prediction:
    """A question with closed options; `settles` says which number means which of them.

    `at` is the tab whose experiment settles it, and where a page asks it; "" under Predict. `also`
    are other tabs whose recorded results name the answer: these wait for it too.
    """

    id: str
    question: str
    options: tuple[tuple[str, str], ...]
    explanations: dict[str, str]
    settles: AnswerBins
    at: str = ""
    also: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The options' keys, in their order."""
        return tuple(key for key, _ in self.options)


@dataclass(frozen=True)
class AnswerKey:
    """The right answer of an exercise, as its block states it.

    Attributes:
        kind: "number" or "word".
        expected: The number, as digits or a fraction; the word, "a|b" for either of two.
        within: How far off a number may be.
        percent: Whether percents are asked for.
        prompt: Label of the field.
        why: What a right answer is answered with.
    """

    kind: str
    expected: str
    within: float
    percent: bool
    prompt: str
    why: str


@dataclass(frozen=True)
class Exercise:
    """A task; `check` is number, word, or names what judges a run; `answer` is None for a run."""

    id: str
    title: str
    difficulty: str
    minutes: int
    text: str
    hint: str
    solution: str
    check: str
    answer: AnswerKey | None = None


@dataclass(frozen=True)
class InCode:
    """Exercises in code, by key, each with its title; `plantedu.exercises` holds them."""

    titles: dict[str, str]


Block = Text | Folded | Figure | Prediction | Exercise | InCode


@dataclass(frozen=True)
class Lines:
    """Some lines of a file, and where they stand in it."""

    file: str
    first: int
    lines: tuple[str, ...]

    def part(self, start: int, end: int) -> "Lines":
        return Lines(self.file, self.first + start, self.lines[start:end])

    def find(self, start: int, mark: str) -> int:
        """Index of the line that closes what line `start` opens."""
        for index in range(start, len(self.lines)):
            if self.lines[index].strip().endswith(mark):
                return index
        raise PlantEduError(f"{self.at(start)}: this block is never closed; add {mark}.")

    def at(self, index: int = 0) -> str:
        return f"{self.file}, line {self.first + index}"

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def read_blocks(source: Lines) -> tuple[Block, ...]:
    """The blocks of one section, in their order.

    Raises:
        PlantEduError: for a block that is not closed or lacks a part; names file and line.
    """
    blocks: list[Block] = []
    plain, at = 0, 0
    while at < len(source.lines):
        opened = _opening(source.lines[at])
        if opened is None:
            at = _after_fence(source, at)
            continue
        mark, build = opened
        end = source.find(at, mark) if mark else _caption_end(source, at)
        blocks += _text(source.part(plain, at))
        blocks.append(build(source.part(at, end + 1)))
        plain = at = end + 1
    return tuple(blocks + _text(source.part(plain, at)))


def _text(part: Lines) -> list[Block]:
    return [Text(part.text)] if part.text else []


def _after_fence(source: Lines, at: int) -> int:
    """The line after this one, or after the code fence that it opens."""
    fence = re.match(r"\s*(`{3,}|~{3,})", source.lines[at])
    if not fence:
        return at + 1
    for index in range(at + 1, len(source.lines)):
        if source.lines[index].strip() == fence.group(1):
            return index + 1
    raise PlantEduError(f"{source.at(at)}: this code fence is never closed.")


def _opening(line: str) -> tuple[str, Callable[[Lines], Block]] | None:
    """What closes the block that this line opens, and what builds it."""
    if re.match(r"<!--\s*predict\b", line):
        return "<!-- /predict -->", _prediction
    if re.match(r"<!--\s*exercise\b", line):
        return "<!-- /exercise -->", _exercise
    if re.match(r"<!--\s*write\b", line):
        return "<!-- /write -->", _in_code
    if line.startswith("<details>"):
        return "</details>", _folded
    if re.match(r"!\[.*\]\(.+\)\s*$", line):
        return "", _figure
    return None


def _attributes(part: Lines, *needed: str) -> dict[str, str]:
    """name=value pairs of an opening comment."""
    pairs = re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', part.lines[0].removesuffix("-->"))
    found = {name: quoted or plain for name, quoted, plain in pairs}
    missing = [name for name in needed if name not in found]
    require(not missing, f"{part.at()}: this block needs {', '.join(missing)}=...")
    return found


def _details(part: Lines) -> tuple[Lines, dict[str, Lines]]:
    """What stands before the first `<details>`, and each of them by its summary."""
    head, found, at = len(part.lines), {}, 0
    while at < len(part.lines):
        if part.lines[at].startswith("<details>"):
            end = part.find(at, "</details>")
            head = min(head, at)
            found[_summary(part.part(at, at + 1))] = part.part(at, end + 1)
            at = end
        at += 1
    return part.part(0, head), found


def _summary(part: Lines) -> str:
    match = re.search(r"<summary>(.+?)</summary>", part.lines[0])
    require(match is not None, f"{part.at()}: write <details><summary>Title</summary> on one line.")
    return match.group(1).strip()  # type: ignore[union-attr]


def _inside(part: Lines) -> Lines:
    """The lines of a `<details>` without its marks."""
    first = re.sub(r"<details>\s*<summary>.*?</summary>", "", part.lines[0])
    lines = list(part.lines)
    lines[0] = first
    lines[-1] = lines[-1].strip().removesuffix("</details>")
    return Lines(part.file, part.first, tuple(lines))


def _folded(part: Lines) -> Folded:
    return Folded(_summary(part), _inside(part).text)


def _figure(part: Lines) -> Figure:
    match = re.match(r"!\[(.*)\]\((.+)\)\s*$", part.lines[0])
    alt, path = match.groups() if match else ("", "")
    caption = "\n".join(part.lines[1:]).strip().strip("*")
    require(bool(alt.strip()), f"{part.at()}: {path} has no alt text; say what the figure shows.")
    require(bool(caption), f"{part.at()}: {path} needs a line *caption: n, seeds, null* below it.")
    return Figure(path, alt.strip(), caption)


def _caption_end(source: Lines, at: int) -> int:
    """Last line of the *caption* under a figure, or the figure's own."""
    start = at + 1
    while start < len(source.lines) and not source.lines[start].strip():
        start += 1
    if start == len(source.lines) or not source.lines[start].startswith("*"):
        return at
    return source.find(start, "*")


def _listed(part: Lines) -> tuple[tuple[str, str], ...]:
    """The entries of a list of "- `key`: text"."""
    entries: list[tuple[str, str]] = []
    for line in part.lines:
        match = re.match(r"- `(\w+)`:\s*(.+)", line)
        if match:
            entries.append((match.group(1), match.group(2).strip()))
        elif entries and line.strip():
            entries[-1] = (entries[-1][0], f"{entries[-1][1]} {line.strip()}")
    return tuple(entries)


def _prediction(part: Lines) -> Prediction:
    given = _attributes(part, "id", "settles", "bins", "says")
    head, folded = _details(part.part(1, len(part.lines) - 1))
    first = next((i for i, line in enumerate(head.lines) if line.startswith("- `")), None)
    require(first is not None, f"{part.at()}: prediction {given['id']} needs options: - `key`: ...")
    options = _listed(head.part(first or 0, len(head.lines)))
    explained = {k: v for inside in folded.values() for k, v in _listed(_inside(inside))}
    keys = [key for key, _ in options]
    require(
        len(keys) >= 2 and len(set(keys)) == len(keys),
        f"{part.at()}: prediction {given['id']} needs two or more different options, got {keys}.",
    )
    require(
        set(explained) == set(keys),
        f"{part.at()}: prediction {given['id']} has options {keys} but explains "
        f"{list(explained)}; explain each option under <details>.",
    )
    question = head.part(0, first or 0).text.strip("*").strip()
    require(bool(question), f"{part.at()}: prediction {given['id']} asks nothing.")
    settles = answer_bins(given, part.at())
    require(
        {key for _, key in settles.bins} <= set(keys),
        f"{part.at()}: prediction {given['id']} has options {keys}, and bins of others.",
    )
    also = tuple(given["also"].split(", ")) if "also" in given else ()
    return Prediction(given["id"], question, options, explained, settles, given.get("at", ""), also)


def _in_code(part: Lines) -> InCode:
    rows = [line for line in part.lines[1:-1] if line.strip()]
    found = [re.fullmatch(r"- `(\d\d\.\d+)` (.+)\.", line) for line in rows]
    require(
        bool(found) and all(found),
        f"{part.at()}: between the marks stand lines such as - `02.5` Title.",
    )
    titles = {match[1]: match[2] for match in found if match}
    require(len(titles) == len(rows), f"{part.at()}: each exercise in code stands once.")
    return InCode(titles)


def _exercise(part: Lines) -> Exercise:
    given = _attributes(part, "id", "difficulty", "minutes", "check")
    name = f"{part.at()}: exercise {given['id']}"
    head, folded = _details(part.part(1, len(part.lines) - 1))
    title = re.match(r"\*\*(.+?)\*\*\s*", head.text)
    require(title is not None, f"{name} begins with **Its title.**")
    wanted = ["Hint", "Solution"]
    require(list(folded) == wanted, f"{name} folds {list(folded)}; expected {wanted}.")
    require(
        given["difficulty"] in DIFFICULTIES and given["minutes"].isdecimal(),
        f"{name}: difficulty is one of {', '.join(DIFFICULTIES)} and minutes a whole number.",
    )
    return Exercise(
        id=given["id"],
        title=title.group(1).rstrip(".") if title else "",
        difficulty=given["difficulty"],
        minutes=int(given["minutes"]),
        text=head.text[title.end() :] if title else "",
        hint=_inside(folded["Hint"]).text,
        solution=_inside(folded["Solution"]).text,
        check=given["check"],
        answer=_answer_key(part) if given["check"] in KINDS else None,
    )


def _answer_key(part: Lines) -> AnswerKey:
    given = _attributes(part, "check", "answer", "asks", "why")
    if given["check"] == "number":
        _attributes(part, "within")
    return AnswerKey(
        kind=given["check"],
        expected=given["answer"],
        within=float(given.get("within", 0)),
        percent=given.get("unit") == "percent",
        prompt=given["asks"],
        why=given["why"],
    )
