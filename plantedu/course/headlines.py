"""The ten numbers of a lesson that a claim most likely rests on, in words (`headlines.yaml`).

A line of the file names a place in the committed results and says it in a sentence; the numbers in
the sentence come from that place, so a result that is made again changes its sentence too.
"""

from functools import lru_cache
from pathlib import Path

import yaml

from plantedu.course.result_pointers import Place, evidence_at
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence

FILE = "headlines.yaml"
TEN = 10


def headlines(lessons: Path, stem: str) -> list[Place]:
    """The headline numbers of a lesson whose results are here, in words.

    Args:
        lessons: The folder of lessons, with `results/` and the file.
        stem: Of the lesson.
    """
    found = []
    for source, sentence in sentences(Path(lessons)).get(stem, {}).items():
        try:
            evidence = evidence_at(source, results=Path(lessons) / "results")
        except PlantEduError:  # not on this machine
            continue
        found.append(Place(source, said(sentence, evidence), True))
    return found


def sentences(lessons: Path) -> dict[str, dict[str, str]]:
    """Sentence by place by lesson; empty without the file."""
    path = Path(lessons) / FILE
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> dict[str, dict[str, str]]:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def said(sentence: str, evidence: Evidence) -> str:
    """A sentence with its numbers."""
    return sentence.format(value=short(evidence.value), null=short(evidence.null))


def short(number: float) -> str:
    """A number in three digits, as lessons write it: .042, 1.31, 12,450."""
    size = abs(number)
    if size >= 1000:
        return f"{number:,.0f}"
    if size >= 1:
        return f"{number:.3g}"
    text = f"{number:.2f}" if size >= 0.1 else f"{number:.3f}"
    return "0" if not float(text) else text.replace("0.", ".", 1)


def matching(places: list[Place], words: str, *, most: int = 40) -> list[Place]:
    """The places whose description holds every word that was searched for."""
    wanted = words.lower().split()
    described = [(one, f"{one.says} {one.says.replace('_', ' ')}".lower()) for one in places]
    return [one for one, text in described if all(word in text for word in wanted)][:most]
