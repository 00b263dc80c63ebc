"""A method of one's own on the report card: its grades, ours beside it, paired differences.

Lesson: 11_report.
"""

from dataclasses import dataclass

from plantedu.charts.chart import Drawing
from plantedu.charts.forest import forest_chart
from plantedu.errors import PlantEduError, require
from plantedu.serialization import AsJson
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.paired_differences import Difference
from plantedu.topics.report_card.results.report_card import (
    Grade,
    OfWorlds,
    card_chart,
    coverage_chart,
)

KINDS = ("attribution", "similarity", "changepoints", "attack")
EXAMPLES = {  # of each kind: what a function may be called, and what of ours to put beside
    "attribution": ("my_map", "ig blur"),
    "similarity": ("my_measure", "CKA, debiased"),
    "changepoints": ("my_detector", "bump detector"),
    "attack": ("my_attack", "pgd"),
}
PAIRED = 5  # worlds; fewer cannot be compared world by world


@dataclass(frozen=True)
class OwnSettings(OfWorlds):
    """Which worlds, and which of our methods beside.

    Attributes:
        kind: Of KINDS.
        worlds: Fresh worlds, each with cases of both kinds.
        seed: Of the first world; the others follow. The committed card's are 0 to 19: choose a
            method on some worlds, and report it on others.
        beside: Methods of ours on the same worlds.
    """

    kind: str
    worlds: int = 20
    seed: int = 0
    beside: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = ", ".join(KINDS)
        require(self.kind in KINDS, f"A method is graded as one of {known}; got {self.kind!r}.")
        super().__post_init__()


@dataclass(frozen=True)
class ExamResult:
    """One trial of the card.

    Attributes:
        trial: The card's name of it.
        own: The grade of one's own method.
        beside: Those of ours, on the same worlds.
        differences: One's own less each of ours, world by world: right, hits, false alarms. p is
            of exchanged methods within worlds, corrected over all of the result.
    """

    trial: str
    own: Grade
    beside: tuple[Grade, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class OwnMethodResult(AsJson):
    """What the card says of a method of one's own.

    Attributes:
        name: Of the method.
        settings: Which worlds, and what stands beside.
        exams: One for each trial of the kind.
        notes: What a reader must know, a sentence each.
        seconds: Processor time of one's own method, with its worlds.
        code: Hash of the code of the worlds and of ours.
    """

    name: str
    settings: OwnSettings
    exams: tuple[ExamResult, ...]
    notes: tuple[str, ...]
    seconds: float
    code: str

    def of(self, trial: str) -> ExamResult:
        """One trial by the card's name of it.

        Raises:
            PlantEduError: for one that it did not sit.
        """
        found = {one.trial: one for one in self.exams}
        if trial not in found:
            raise PlantEduError(f"No trial {trial!r} here; there are {', '.join(found)}.")
        return found[trial]

    def rows(self) -> list[tuple[str, Grade]]:
        """Every grade with the name that a chart gives it."""
        many = len(self.exams) > 1
        return [
            (f"{grade.name}: {one.trial}" if many else grade.name, grade)
            for one in self.exams
            for grade in (one.own, *one.beside)
        ]

    def lines(self) -> tuple[tuple[str, Evidence], ...]:
        """Every number with its null: shares of each method, then paired differences."""
        found = [
            (f"{what} {word}", evidence)
            for what, g in self.rows()
            for word, evidence in (("right", g.right), ("hits", g.hits), ("alarms", g.alarms))
        ]
        return (*found, *((d.name, d.evidence) for one in self.exams for d in one.differences))

    def chart(self, *, dark: bool = False) -> Drawing:
        """Hits against false alarms, one row a method and trial; the coin beside them."""
        shown = [(name, g.trap, g.hits, g.alarms, g.verdict) for name, g in self.rows()]
        return card_chart(shown, dark=dark)

    def coverage_chart(self, *, dark: bool = False) -> Drawing | None:
        """How often intervals hold the truth; None where no method gives any."""
        held = [(name, g.trap, g.coverage, g.width) for name, g in self.rows() if g.coverage]
        return coverage_chart(held, dark=dark) if held else None

    def differences_chart(self, *, dark: bool = False) -> Drawing | None:
        """Paired differences beside 0; None where there are none."""
        found = [(d.name, d.evidence) for one in self.exams for d in one.differences]
        unit = "share of cases, yours less ours"
        return forest_chart(found, unit=unit, zero=True, dark=dark) if found else None
