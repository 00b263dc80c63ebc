"""Does the map point at what the network uses? Every method graded, beside maps that know nothing.

Three arms, three seeds each: networks whose labels followed the lesions, networks whose labels
followed a mark in the corner of RGN (the lesions are there and say nothing), and SwAV encoders with
a linear head. All are asked about fresh plants that have both cues.

    truth    do(cue away) changes the name: Learned; else NotLearned, and nothing is graded
    grades   mass, rank, pointing in the mask of the cue that is used, beside eleven baselines
    accuse   share of plants whose map has more mass in a cue's mask than every baseline's:
             a hit where the cue is used, a false alarm where it is not
    beats    mass - the best baseline's mass, paired over plants, seeds averaged

Source: Adebayo et al. 2022, arXiv:2212.04629 (false alarms on models without the cue)
[adebayo2022]; Arras et al. 2020, arXiv:2003.07258 (mass and rank) [arras2022].
Lesson: 09_attribution.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.topics.attribution.evaluation import (
    ROWS,
    SAYS_ROW,
    Deep,
    Grade,
    Learned,
    NotLearned,
    Shares,
)
from plantedu.topics.attribution.names import ARMS, CUES
from plantedu.topics.attribution.results.attribution_chart import grades_chart
from plantedu.topics.method import Context, Method

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Settings:
    """What is graded, and on how many plants.

    Attributes:
        arms: Of ARMS.
        seeds: How many of each arm's networks.
        rows: Methods, of ROWS.
        plants: Fresh plants that are graded.
        controls: Random-init networks beside each arm, 1 to 5.
        deep: Of them, those for deletion, cascade and captum's metrics; 0 leaves these out.
        seed: Draws noise, paths and resamples.
    """

    arms: tuple[str, ...] = tuple(ARMS)
    seeds: int = 3
    rows: tuple[str, ...] = tuple(ROWS)
    plants: int = 16
    controls: int = 3
    deep: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in ((self.arms, tuple(ARMS)), (self.rows, tuple(ROWS))):
            strange = [word for word in given if word not in known]
            require(bool(given), f"Name one or more of {', '.join(known)}.")
            require(not strange, f"Unknown: {strange}; there are {', '.join(known)}.")
        require(1 <= self.seeds <= 3, f"There are 1 to 3 seeds of each arm; got {self.seeds}.")
        require(1 <= self.controls <= 5, f"There are 1 to 5 controls; got {self.controls}.")
        require(4 <= self.plants <= 256, f"plants must be from 4 to 256, got {self.plants}.")
        fits = self.deep == 0 or 2 <= self.deep <= self.plants
        require(fits, f"deep must be 0, or from 2 to {self.plants}; got {self.deep}.")


@dataclass(frozen=True)
class AttributionResult:
    """The whole report; see `plantedu/topics/attribution/evaluation.py` for its lines."""

    settings: Settings
    learned: tuple[Learned, ...]
    not_learned: tuple[NotLearned, ...]
    table: tuple[Grade, ...]
    shares: tuple[Shares, ...]
    deep: tuple[Deep, ...]

    def of(self, arm: str, row: str, cue: str) -> Grade:
        """One line of the table."""
        key = (arm, row, cue)
        return next(g for g in self.table if (g.arm, g.row, g.cue) == key)

    def lines(self, arm: str, cue: str) -> tuple[Grade, ...]:
        """Methods and baselines on one cue of one arm."""
        return tuple(g for g in self.table if (g.arm, g.cue) == (arm, cue))

    def uses(self, arm: str, cue: str) -> bool:
        """Whether every network of an arm uses a cue."""
        return not any((n.arm, n.cue) == (arm, cue) for n in self.not_learned)

    def as_json(self) -> dict[str, Any]:
        """Plain values; `AttributionResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "AttributionResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, arm: str = "lesions", cue: str = "lesions", dark: bool = False) -> Drawing:
        """Relevance mass of every method and baseline in a cue's mask, the best baseline a rule."""
        found = [
            (SAYS_ROW.get(g.row, g.row), g.row in ROWS, g.grades["mass"], g.seeds)
            for g in self.lines(arm, cue)
        ]
        return grades_chart(found, used=self.uses(arm, cue), cue=cue, dark=dark)


def attribution(
    settings: Settings,
    *,
    bank_folder: Any,
    check: Callable[[], None] = lambda: None,
    told: Told = lambda done, of: None,
) -> AttributionResult:
    """Grade every method on every network.

    Args:
        settings: What, and on how many plants.
        bank_folder: Where rendered pairs are kept.
        check: Called between chunks of plants; may raise to stop.
        told: Called with the number of maps made, and of how many.

    Raises:
        PlantEduError: for a network that cannot be read.
    """
    from plantedu.topics.attribution.report import Report

    report = Report(settings, bank_folder, check, told)
    learned: list[Learned] = []
    missed: list[NotLearned] = []
    table: list[Grade] = []
    shares: list[Shares] = []
    for arm in settings.arms:
        used, unused = report.truths(arm)
        learned, missed = learned + used, missed + unused
        trained, fresh = report.maps(arm)
        table += report.table(arm, trained, fresh)
        shares += report.shares(arm, trained)
    deep = report.deep(learned)
    return AttributionResult(
        settings, tuple(learned), tuple(missed), tuple(table), tuple(shares), tuple(deep)
    )


def _run(asked: Settings, context: Context) -> AttributionResult:
    return attribution(asked, bank_folder=context.bank, check=context.check, told=context.step)


def tell(result: AttributionResult) -> None:
    """Print a result: what do() says, then mass and accusations by arm."""
    for one in (*result.learned, *result.not_learned):
        word = "uses" if isinstance(one, Learned) else "does NOT use"
        print(f"{one.network} {word} {one.cue}: do() moves {one.moved.value:.2f} of names")
    for arm in result.settings.arms:
        for cue in CUES:
            used = "used" if result.uses(arm, cue) else "NOT used: accusations are false alarms"
            print(f"\n{arm}, mask of the {cue} ({used})")
            print(f"{'':<34}mass   [95 %]          rank  points  accuses  beats the best baseline")
            for g in result.lines(arm, cue):
                mass, beats = g.grades["mass"], g.beats
                low, high = mass.interval or (mass.value, mass.value)
                down, up = beats.interval or (beats.value, beats.value)
                print(
                    f"{SAYS_ROW.get(g.row, g.row):<34}{mass.value:.3f}  [{low:.3f}, {high:.3f}]  "
                    f"{g.grades['rank'].value:.3f}  {g.grades['pointing'].value:.3f}   "
                    f"{g.accuses.value:.2f}    {beats.value:+.3f} [{down:+.3f}, {up:+.3f}]"
                )
    print(f"n = {result.settings.plants} plants, {result.settings.seeds} seeds of each arm")


METHOD = Method(Settings, _run, tell)
