"""What `examine` gives: sections with numbers beside their nulls, as one file with its data.

Saved as HTML, a report is one file that asks nothing of the network: figures are drawn in, and all
numbers stand in it as JSON. `verified` draws the page again from those numbers and compares it to
the letter: what you read follows from what stands in the file. That the numbers are of your model
only a run of the same command can show, and the hashes of weights and pictures say of which.

Lesson: 11_report.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.output_paths import check_file
from plantedu.own.finding import Finding
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.training.checkpoints import write_whole

OPENS = '<script type="application/json" id="data">'
CLOSES = "</script>"


@dataclass(frozen=True)
class Line(AsJson):
    """One number: what it is called, and what was measured."""

    what: str
    found: Evidence


@dataclass(frozen=True)
class Section(AsJson):
    """One question of the report.

    Attributes:
        key: Of the part that answers it.
        title: The question, in a sentence.
        unit: What the numbers are.
        lines: The numbers, each beside its null.
        notes: What a reader must know, a sentence each.
        settings: How it was made.
        seconds: Processor seconds.
        missing: Why there is no answer; "" where there is one.
    """

    key: str
    title: str
    unit: str = ""
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    missing: str = ""

    @classmethod
    def of(cls, key: str, found: Finding, seconds: float) -> "Section":
        """A finding as a section."""
        lines = tuple(Line(name, one) for name, one in found.lines)
        return cls(key, found.title, found.unit, lines, found.notes, dict(found.settings), seconds)

    def pairs(self) -> list[tuple[str, Evidence]]:
        """The lines as charts take them."""
        return [(one.what, one.found) for one in self.lines]


@dataclass(frozen=True)
class Report(AsJson):
    """What was found of a model on pictures.

    Attributes:
        about: Model, data, hashes, mode, seed and version.
        sections: In the order in which they were asked.
    """

    about: dict[str, Any]
    sections: tuple[Section, ...]

    def __getitem__(self, key: str) -> Section:
        """The first section of a key.

        Raises:
            PlantEduError: for a key that is not there.
        """
        found = [one for one in self.sections if one.key == key]
        known = ", ".join(dict.fromkeys(one.key for one in self.sections))
        require(bool(found), f"There is no section {key!r}; there are {known}.")
        return found[0]

    def save(self, path: str | Path) -> Path:
        """Write the report (.html) or its numbers (.json).

        Raises:
            PlantEduError: for another ending, or a place where no file can be written.
        """
        path = Path(path)
        check_file(path, like="report.html")
        fits = path.suffix in (".html", ".json")
        require(fits, f"{path.name} ends with none of .html, .json.")
        text = self.page() if path.suffix == ".html" else data_of(self) + "\n"
        write_whole(path, text.encode())
        return path

    def page(self) -> str:
        """The report as one HTML text."""
        from plantedu.own.examination.page import page

        return page(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        """The first page, for a notebook."""
        from plantedu.own.examination.page import first_page

        return {"text/html": first_page(self), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Report({len(self.sections)} sections of {self.about.get('model')})"


def data_of(report: Report) -> str:
    """The report as JSON that may stand inside a page."""
    text = json.dumps(report.as_json(), indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def opened(path: str | Path) -> Report:
    """The report of a file that `save` wrote.

    Raises:
        PlantEduError: for a file that cannot be read or holds no report.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        if OPENS in text:
            text = text.partition(OPENS)[2].partition(CLOSES)[0]
        return Report.from_json(json.loads(text))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PlantEduError(f"{path} holds no report of `examine` ({error}).") from error


def verified(path: str | Path) -> bool:
    """Whether a page is, to the letter, what this copy draws from the numbers in it.

    Raises:
        PlantEduError: as `opened`.
    """
    return Path(path).read_text(encoding="utf-8") == opened(path).page()
