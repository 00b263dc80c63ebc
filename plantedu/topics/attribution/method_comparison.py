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

from collections.abc import Callable
from pathlib import Path

from plantedu.topics.attribution.report import Report
from plantedu.topics.attribution.results.method_comparison import (
    SAYS_ROW,
    AttributionResult,
    Learned,
    MapScores,
    NotLearned,
    Settings,
    Shares,
)
from plantedu.topics.attribution.results.names import CUES
from plantedu.topics.method import Context, Method

Step = Callable[[int, int], None]


def attribution(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    step: Step = lambda done, of: None,
) -> AttributionResult:
    """MapScores every method on every network.

    Args:
        settings: What, and on how many plants.
        bank_folder: Where rendered pairs are kept.
        check: Called between chunks of plants; may raise to stop.
        step: Called with the number of maps made, and of how many.

    Raises:
        PlantEduError: for a network that cannot be read.
    """
    report = Report(settings, bank_folder, check, step)
    learned: list[Learned] = []
    missed: list[NotLearned] = []
    table: list[MapScores] = []
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
    return attribution(asked, bank_folder=context.bank, check=context.check, step=context.step)


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
