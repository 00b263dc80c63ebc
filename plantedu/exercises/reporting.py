"""What came of a check: outcomes as data, as lines for a terminal or a notebook, and as JSON."""

import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from plantedu.exercises.exercise import Exercise

WIDTH = 96


@dataclass(frozen=True)
class Outcome:
    """One check of one function.

    Attributes:
        check: Its name.
        passed: Whether it holds.
        kind: What failed, see `exercise.Failed`; "" where it holds.
        sentence: What was got and what was expected; "" where it holds.
        mistake: Name of the mistake that it looks like; "" for none.
        seconds: How long it took.
        printed: What the function printed meanwhile, its beginning.
    """

    check: str
    passed: bool
    kind: str = ""
    sentence: str = ""
    mistake: str = ""
    seconds: float = 0.0
    printed: str = ""


@dataclass(frozen=True)
class Report:
    """All checks of one function. `lessons` holds a sentence for each mistake that was seen."""

    key: str
    title: str
    outcomes: tuple[Outcome, ...]
    taught: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every check holds; a report without checks did not pass."""
        return bool(self.outcomes) and all(one.passed for one in self.outcomes)

    @property
    def mistakes(self) -> tuple[str, ...]:
        """Names of the mistakes that the answers look like, without repeats."""
        return tuple(dict.fromkeys(one.mistake for one in self.outcomes if one.mistake))

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them."""
        return asdict(self) | {
            "passed": self.passed,
            "outcomes": [asdict(o) for o in self.outcomes],
        }

    def __str__(self) -> str:
        lines = [f"{self.key} {self.title}"]
        said_before: set[str] = set()
        for one in self.outcomes:
            lines.append(f"  {'pass' if one.passed else 'FAIL'}  {one.check}")
            again = one.sentence in said_before
            lines += _wrapped("The same as above." if again else one.sentence)
            said_before |= {one.sentence} - {""}
        for name in self.mistakes:
            lines += ["", f"This looks like: {name}.", *_wrapped(self.taught.get(name, ""), "  ")]
        said = next((one.printed for one in self.outcomes if one.printed), "")
        if said:
            lines += ["", f"Your function prints; what it printed first: {said.strip()[:80]!r}"]
        held = sum(one.passed for one in self.outcomes)
        return "\n".join([*lines, "", f"{held} of {len(self.outcomes)} checks hold."])

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """What a notebook shows."""
        printer.text(str(self))


def report(exercise: Exercise, outcomes: list[Outcome]) -> Report:
    """The report of an exercise, with the sentences of the mistakes that were seen."""
    seen = {one.mistake for one in outcomes if one.mistake}
    taught = {name: text for name, text in exercise.mistakes.items() if name in seen}
    return Report(exercise.key, exercise.title, tuple(outcomes), taught)


def from_json(found: dict[str, Any]) -> Report:
    """The report whose values `as_json` gave."""
    outcomes = tuple(Outcome(**one) for one in found["outcomes"])
    return Report(found["key"], found["title"], outcomes, found["taught"])


def _wrapped(text: str, indent: str = "        ") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
