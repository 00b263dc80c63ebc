"""The words and symbols of the course: a hover text where one first stands, and an entry to open.

`notation.md` is the only source: each row of its tables is an entry. Its first column names the
term, in the forms that lessons write (`$z$`, `KL`, "twin"); one-letter symbols are explained on the
lesson of their section alone, since another lesson may use the letter for something else. So are
words that are also ordinary ones (`BOUND`): "code" is not always SwAV's. A term that begins with N
is linked after a number alone: 3 points, not an arrow that points.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from plantedu.course.blocks import Folded, Prediction, Text
from plantedu.course.lessons import Lesson

ROW = re.compile(r"^\|(?P<term>(?:[^|\\]|\\.)+)\|(?P<what>(?:[^|\\]|\\.)+)\|(?P<rest>.*)\|\s*$")
COUNTED = "N "
MATH, CODE = re.compile(r"\$[^$]+\$"), re.compile(r"`[^`]+`")
QUIET = re.compile(  # text in which no word is linked: code, formulas, links, comments, headings
    r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|!?\[[^\]]*\]\([^)]*\)|<!--.*?-->|^#+ .*?$"
    r"|<[^>\n]*>|^\$ .*$",
    re.DOTALL | re.MULTILINE,
)
SECTIONS = {  # of notation.md: lessons on which its one-letter symbols mean what it says
    "Pairs and pictures": ("01",),
    "Training": ("02", "03"),
    "Probes and scores": ("02", "04"),
    "Across an event": ("03",),
    "Spectra": ("07",),
    "Attacks": ("08",),
    "Attribution": ("09",),
    "Similarity": ("05", "06"),
    "Report": ("11",),
    "Neurons": ("10",),
}
BOUND = {  # words that mean something else elsewhere: lessons on which they mean what it says
    "agreement": ("04",),  # and kept: elsewhere a factor is kept, and two people agree
    "angle": ("03",),  # between two gradients; elsewhere that of a leaf
    "code": ("02", "03", "07"),
    "head": ("02", "03", "07"),
    "mass": ("09",),
    "pinned": ("05",),  # and narrow: elsewhere a result is pinned, a sample is narrow
    "reliability": ("11",),  # and resolution, and uncertainty: parts of Brier's score
    "saddle": ("03",),
    "twin": tuple(f"{n:02}" for n in range(1, 13) if n != 10),  # there: a plant of near colour
}


@dataclass(frozen=True)
class Term:
    """One entry.

    Attributes:
        anchor: Its name in an address: small letters, digits and hyphens.
        forms: As lessons write it: `$z$`, or words.
        title: As the glossary shows it.
        what: What it is, one line of Markdown.
        section: Of notation.md.
        lessons: Numbers of the lessons on which it is meant; empty for all.
    """

    anchor: str
    forms: tuple[str, ...]
    title: str
    what: str
    section: str
    lessons: tuple[str, ...]

    @property
    def hover(self) -> str:
        """What it is, as plain text that a link's title may hold."""
        text = self.what.replace("\\|", "∣")
        for mark, plain in PLAIN:
            text = re.sub(mark, plain, text)
        return " ".join(text.replace('"', "'").replace("\\", "").split())


PLAIN = (  # Markdown and TeX that a title would show raw
    (r"`([^`]*)`", r"\1"),
    (r"\$([^$]*)\$", r"\1"),
    (r"\\mathrm\{([^}]*)\}|\\text\{([^}]*)\}", r"\1\2"),
    (r"\\(lvert|rvert|Vert)", "∣"),
    (r"\\([a-zA-Z]+)", r"\1"),
    (r"[*{}]", ""),
    (r"\[([^\]]*)\]\([^)]*\)", r"\1"),
)


def read_terms(notation: str) -> tuple[Term, ...]:
    """Every row of every table of notation.md, in its order."""
    found: list[Term] = []
    section = ""
    for line in notation.splitlines():
        if line.startswith("## "):
            section = line[3:].strip()
        row = ROW.match(line)
        if row and set(row["term"].strip()) - set("-: ") and row["term"].strip() not in HEADS:
            found.append(_term(row["term"].strip(), row["what"].strip(), section, found))
    return tuple(found)


HEADS = ("short", "symbol", "word")


def _term(title: str, what: str, section: str, before: Iterable[Term]) -> Term:
    forms = tuple(_forms(title))
    anchor = re.sub(r"[^a-z0-9]+", "-", _plain(title).lower()).strip("-")[:40] or "symbol"
    taken = {one.anchor for one in before}
    k = 2
    while anchor in taken:
        anchor, k = f"{anchor.rstrip('0123456789').rstrip('-')}-{k}", k + 1
    short = all(len(_plain(form)) <= 3 and form.startswith("$") for form in forms)
    lessons = SECTIONS.get(section, ()) if short else BOUND.get(forms[0], ())
    return Term(anchor, forms, title, what, section, lessons)


def _plain(text: str) -> str:
    for mark, plain in PLAIN:
        text = re.sub(mark, plain, text)
    return text.strip()


def _forms(title: str) -> list[str]:
    """The forms of a title: its formulas, its code, and its words between commas."""
    formulas = MATH.findall(title)
    forms = [form for whole in formulas for form in (whole, f"${_head(whole)}$")]
    words = re.sub(r"\([^)]+\)", "", CODE.sub("", MATH.sub("", title)))
    forms += [word.strip() for word in re.split(r"[,;]", words) if len(word.strip()) > 1]
    forms += [title] if len(title) == 1 else []
    forms += CODE.findall(title)
    return list(dict.fromkeys(forms))


def _head(formula: str) -> str:
    """The left side of a formula: z of z = g(h) / |g(h)|."""
    return formula.strip("$").split("=")[0].strip()


class Linker:
    """Puts a link on the first place of each term, over the texts of one page in their order."""

    def __init__(self, terms: Sequence[Term], lesson: str = "") -> None:
        """For the lesson of this number; "" leaves out what only one lesson means."""
        meant = (one for one in terms if not one.lessons or lesson in one.lessons)
        own = sorted(meant, key=lambda one: not one.lessons)  # this lesson's meaning goes first
        self._left = {one.anchor: one for one in own}

    def __call__(self, text: str) -> str:
        """The text with the terms linked that it is the first to use."""
        for anchor in list(self._left):
            term = self._left[anchor]
            at = _first(text, term)
            if at is not None:
                start, end = at
                word = text[start:end]
                text = f'{text[:start]}[{word}](glossary:{anchor} "{term.hover}"){text[end:]}'
                del self._left[anchor]
                self._say_once(word)
        return text

    def _say_once(self, word: str) -> None:
        """A word that two entries share is explained by the first of them alone."""
        for anchor, term in self._left.items():
            if word in term.forms:
                left = tuple(form for form in term.forms if form != word)
                self._left[anchor] = replace(term, forms=left)


def _first(text: str, term: Term) -> tuple[int, int] | None:
    """Where a term first stands in a text outside of code, formulas and links."""
    places = [place for form in term.forms if (place := _place(text, form)) is not None]
    return min(places, default=None)


def _place(text: str, form: str) -> tuple[int, int] | None:
    if (
        form.removeprefix(COUNTED)[1:] not in text
    ):  # most are not: looked at before anything is searched
        return None
    quiet = [found.span() for found in QUIET.finditer(text)]
    if form[0] in "$`":  # itself a formula: it may stand where another begins, but not in a link
        for found in re.finditer(re.escape(form), text):
            if found.span() in quiet:
                return found.span()
        return None
    for found in _word(form).finditer(text):
        if not any(start < found.end() and found.start() < end for start, end in quiet):
            return found.span()
    return None


@lru_cache(maxsize=1024)
def _word(form: str) -> re.Pattern[str]:
    """A word by itself; one of small letters also begins a sentence, or stands in the plural."""
    if form.startswith(COUNTED):  # the number may have its source in a comment behind it
        return re.compile(rf"(?<=[\d>] ){re.escape(form.removeprefix(COUNTED))}(?![\w\-/])")
    first = form[0]
    opens = first.islower() and len(form) > 1
    letter = f"[{first}{first.upper()}]" if opens else re.escape(first)
    plural = "s?" if opens and form.isalpha() and form.islower() else ""
    return re.compile(rf"(?<![\w\-./]){letter}{re.escape(form[1:])}{plural}(?![\w\-/])")


def linked(lesson: Lesson, terms: Sequence[Term]) -> dict[str, str]:
    """The texts of a lesson that use a term first, by the text as it was.

    Args:
        lesson: The lesson.
        terms: Of `read_terms`.
    """
    link, found = Linker(terms, lesson.number), {}
    for text in texts(lesson):
        if text not in found:
            found[text] = link(text)
    return {old: new for old, new in found.items() if new != old}


def texts(lesson: Lesson) -> list[str]:
    """Questions, texts and folded texts in reading order: what a page shows of a lesson."""
    found = []
    for blocks in lesson.sections.values():
        for block in blocks:
            match block:
                case Text(markdown):
                    found.append(markdown)
                case Folded(_, text):
                    found.append(text)
                case Prediction():
                    found.append(block.question)
    return found


def terms_in(folder: Path) -> tuple[Term, ...]:
    """The terms of a folder's notation.md, read again when it has changed; () without one."""
    path = Path(folder) / "notation.md"
    return _terms(path, path.stat().st_mtime_ns) if path.is_file() else ()


@lru_cache(maxsize=4)
def _terms(path: Path, _changed: int) -> tuple[Term, ...]:
    return read_terms(path.read_text(encoding="utf-8"))
