"""The numbers of lessons anew from the results that they name, in as many digits as they had.

    uv run python -m experiments.refresh 08_attacks       # one or more lessons, by stem

The sentences around them are not touched: read them again afterwards.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from plantedu.course.quotes import VALUE, committed_value, rounds_to

LESSONS = Path(__file__).parents[1] / "lessons"


def refreshed(text: str, folder: Path) -> tuple[str, list[str]]:
    """The text with its numbers, and what changed: "place: old -> new"."""
    changed: list[str] = []

    def again(found: re.Match[str]) -> str:
        whole, shown = found[0], found["shown"]
        percent = found["percent"] is not None
        value = committed_value(folder, found["file"], found["at"])
        if rounds_to(shown, value, percent=percent):
            return whole
        new = written(value * (100 if percent else 1), shown)
        changed.append(f"{found['file']}#{found['at']}: {shown} -> {new}")
        return whole.replace(shown, new, 1)

    return VALUE.sub(again, text), changed


def written(value: float, like: str) -> str:
    """A number in the digits and the style of another one: ".85", "1,234", "-.06"."""
    digits = len(like.partition(".")[2])
    new = f"{value:,.{digits}f}" if "," in like or abs(value) >= 10_000 else f"{value:.{digits}f}"
    if float(new.replace(",", "")) == 0:
        new = new.removeprefix("-")
    return new.replace("0.", ".", 1) if new.lstrip("-").startswith("0.") else new


def every() -> list[str]:
    """Lessons and run sheets, by their path without the ending."""
    files = (*LESSONS.glob("[01]*.md"), *LESSONS.glob("teaching/*.md"))
    return sorted(path.relative_to(LESSONS).with_suffix("").as_posix() for path in files)


def main(stems: Sequence[str]) -> None:
    for stem in stems or every():
        path = LESSONS / f"{stem}.md"
        text, changed = refreshed(path.read_text(encoding="utf-8"), LESSONS)
        path.write_text(text, encoding="utf-8")
        print(f"{stem}: {len(changed)} changed", *changed, sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
