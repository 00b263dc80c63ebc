"""The first page, in plain words: what is known, what is not, what would change our mind.

A line is known where its interval lies on one side of its null. Nothing is called safe or good.

Lesson: 12_own.
"""

from dataclasses import dataclass

from plantedu.own.examination.report_numbers import HEAD_LEFT, Line, ReportNumbers, Section
from plantedu.statistics.evidence import Evidence

MOST = 3  # numbers of a section on the first page
BEYOND = "beyond the inside"  # the second number of a cue: the page of its section has it
CONCLUDE = ("readout", "maps", "attack_checks", "similarity", "forecasts", "copies")  # by notes
CHANGES = {
    "hidden": "Pictures in which the found place or light is assigned at random: predictions that "
    "stay right there do not rest on it. A cue that we did not think of.",
    "interventions": "The same at the dial of your own camera and light; ours is at one half.",
    "readout": "More pictures: an interval that holds its null says as little as one that is wide.",
    "shortcuts": "A head trained with the network, which may take a cue that h offers less easily.",
    "graded_maps": "A planted cue that is like yours; a mark in a corner is an easy one.",
    "attack": "A stronger attack. That an attack fails is never a proof.",
    "attack_checks": "An alarm that rings, or a hidden success that is not found.",
    "maps": "The graded maps above: a method that does not tell heads apart explains nothing here.",
    "similarity": "Other pictures: a similarity is one of models on these.",
    "units": "Held-out pictures and interventions on the units: what tells need not be used.",
    "forecasts": "Pictures of another day: calibration holds for pictures like these.",
    "copies": "The training pictures, where they were not given.",
}


@dataclass(frozen=True)
class Summary:
    """Three lists of sentences."""

    found: tuple[str, ...]
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    change: tuple[str, ...]


def summary(report: ReportNumbers) -> Summary:
    """The report in sentences.

    Args:
        report: What was found.
    """
    hits = [n for one in report.sections for n in one.notes if n.startswith("FOUND")]
    known, unknown = [], []
    for one in report.sections:
        if one.missing:
            unknown.append(f"{one.title} Not answered: {one.missing}")
            continue
        sure = [line for line in one.lines if apart(line.found) and BEYOND not in line.what]
        far = sorted(sure, key=lambda line: -abs(line.found.value - line.found.null))
        if far:
            said = one.notes if one.key in CONCLUDE else ()
            known.append(" ".join([one.title, *said, _listed(far)]))
        unknown += [note for note in one.notes if note.startswith(HEAD_LEFT)]
        left = [line.what for line in one.lines
                if not apart(line.found) and BEYOND not in line.what]  # fmt: skip
        if left:
            unknown.append(f"{one.title} Not told from the null: {'; '.join(left)}.")
        if not one.lines:
            known.append(f"{one.title} {' '.join(one.notes)}")
    asked = dict.fromkeys(one.key for one in report.sections)
    change = [CHANGES[key] for key in asked if key in CHANGES]
    return Summary(tuple(hits), tuple(known), tuple(unknown), tuple(change))


def nothing_found(report: ReportNumbers) -> list[str]:
    """What the search for a hidden cue says, where it found none that is followed."""
    return [one.notes[0] for one in report.sections if one.key == "hidden" and one.notes]


def apart(one: Evidence) -> bool:
    """Whether the interval lies on one side of the null."""
    return one.interval is not None and not one.interval[0] <= one.null <= one.interval[1]


def _listed(lines: list[Line]) -> str:
    """The numbers that lie furthest from their nulls; a control that they share is named once."""
    shown = lines[:MOST]
    said = "; ".join(f"{line.what} {_number(line.found)}" for line in shown)
    controls = list(dict.fromkeys(line.found.control for line in shown))
    more = f", and {len(lines) - MOST} more" if len(lines) > MOST else ""
    return f"{said}{more}. Null: {'; '.join(controls)}."


def _number(one: Evidence) -> str:
    low, high = one.interval or (one.value, one.value)
    return f"{one.value:z.2f} ({low:z.2f} to {high:z.2f}; null {one.null:z.2f})"


def heading(section: Section) -> str:
    """The title of a section, and whether it was answered."""
    return section.title if not section.missing else f"{section.title} (not answered)"
