"""The numbers of a report: sections of lines, each number beside its null.

Lesson: 12_own.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from plantedu.errors import require
from plantedu.own.finding import Finding
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence

OPENS = '<script type="application/json" id="data">'
CLOSES = "</script>"
HEAD_LEFT = "The network's own head was not asked"  # a note of the first page begins so


def _of_pictures(text: str) -> str:
    """A sentence of a method of the course, said of pictures of anything."""
    return re.sub(r"\bplant(s?)\b", r"picture\1", text)


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
        """A finding as a section; the course's plants are pictures here."""
        lines = tuple(
            Line(name, replace(one, control=_of_pictures(one.control),
                               question=_of_pictures(one.question)))
            for name, one in found.lines
        )  # fmt: skip
        notes = tuple(map(_of_pictures, found.notes))
        return cls(key, found.title, found.unit, lines, notes, dict(found.settings), seconds)

    def pairs(self) -> list[tuple[str, Evidence]]:
        """The lines as charts take them."""
        return [(one.what, one.found) for one in self.lines]


@dataclass(frozen=True)
class ReportNumbers(AsJson):
    """What was found of a model on pictures, without its page.

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


def data_of(report: ReportNumbers) -> str:
    """The report as JSON that may stand inside a page."""
    text = json.dumps(report.as_json(), indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def by_name(report: ReportNumbers) -> dict[str, Any]:
    """The report with sections and numbers under their names, for a result that is quoted.

    A key that comes again has its place after it: "interventions", "interventions 2".
    """
    sections: dict[str, Any] = {}
    for one in report.sections:
        again = sum(name.partition(" ")[0] == one.key for name in sections)
        plain = one.as_json()
        plain["lines"] = {line.what: line.found.as_json() for line in one.lines}
        sections[f"{one.key} {again + 1}" if again else one.key] = plain
    return {"about": report.about, "sections": sections}


def from_names(found: Mapping[str, Any]) -> ReportNumbers:
    """The report of what `by_name` gave.

    Raises:
        PlantEduError: for anything else.
    """
    sections = []
    for one in found["sections"].values():
        lines = [{"what": what, "found": number} for what, number in one["lines"].items()]
        sections.append(Section.from_json({**one, "lines": lines}))
    return ReportNumbers(found["about"], tuple(sections))
