"""`python -m plantedu report-card --own FILE.py:NAME --as KIND`: one's own method on the card."""

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import tyro

from plantedu.errors import PlantEduError, require
from plantedu.output_paths import check_file
from plantedu.own.grade import Own, OwnGrade, grade
from plantedu.topics.report_card.report_card import print_grades
from plantedu.topics.report_card.results.own_method import KINDS

As = Annotated[str, tyro.conf.arg(name="as", metavar="|".join(KINDS))]


@dataclass(frozen=True)
class Options:
    """Grade a method of your own on fresh planted worlds, beside ours.

    Your function gets inputs only, in copies; what is planted is kept from it. It is called in this
    process, on this machine, and never by a server. A method that peeks (files, globals) can find
    the truth: that is out of scope. `help(plantedu.own.grade.Grader)` says what each kind is given
    and has to answer.

    Attributes:
        own: FILE.py:NAME, a function in a file.
        kind: What it is; may be left out where the function is marked by a decorator.
        beside: Methods of ours on the same worlds, such as "ig blur".
        worlds: Fresh worlds; paired differences need 5.
        seed: Of the first world; the committed card's are 0 to 19.
        save: Write the result to this file, such as mine.json; the page Report card reads it.
        json: Print the result as one JSON object on the last line.
    """

    own: str
    kind: As = ""
    beside: tuple[str, ...] = ()
    worlds: int = 20
    seed: int = 0
    save: Path | None = None
    json: bool = False


def main(argv: list[str]) -> int:
    """Load the function, grade it, print it.

    Raises:
        PlantEduError: for a file or a name that is not there, and for all that `grade` refuses.
    """
    helps = ["--help"] if {"-h", "--help"} & set(argv) else argv  # `--own --help` names no file
    options = tyro.cli(Options, args=helps, prog="python -m plantedu report-card")
    check_file(options.save, like="mine.json")
    found = grade(
        function_of(options.own),
        options.worlds,
        kind=options.kind,
        seed=options.seed,
        beside=options.beside,
        progress=lambda doing: print(doing, file=sys.stderr, flush=True),
    )
    tell(found)
    if options.save is not None:
        options.save.write_text(json.dumps(found.as_json(), indent=1) + "\n", encoding="utf-8")
        print(f"The page Report card shows {options.save}.")
    if options.json:
        print(json.dumps(found.as_json()))
    return 0


def function_of(words: str) -> Own:
    """The function that FILE.py:NAME means.

    Raises:
        PlantEduError: for other words, a file that cannot be run, or a name that is no function.
    """
    place, _, name = words.rpartition(":")
    require(
        place.endswith(".py") and name.isidentifier(),
        f"--own is FILE.py:NAME, such as mine.py:my_map; got {words!r}.",
    )
    module = _loaded(Path(place))
    own = getattr(module, name, None)
    functions = [k for k, f in vars(module).items() if callable(f) and not k.startswith("_")]
    known = ", ".join(functions) or "none"
    require(callable(own), f"{place} has no function {name!r}; it has {known}.")
    own_: Callable[..., Any] = own  # type: ignore[assignment]
    return own_


def _loaded(path: Path) -> ModuleType:
    require(path.is_file(), f"There is no file {path}.")
    spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path)
    require(spec is not None and spec.loader is not None, f"{path} is no file of Python code.")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses in the file look for it there
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)  # as Python does for a script
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise PlantEduError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)
    return module


def tell(found: OwnGrade) -> None:
    """The grades as the card prints them, and the differences."""
    result = found.result
    for exam in result.exams:
        print(f"{exam.own.reports}; null: {exam.own.null} ({exam.trial})")
        print_grades((exam.own, *exam.beside), result.settings.worlds)
        for one in exam.differences:
            low, high = one.evidence.interval or (one.evidence.value,) * 2
            print(
                f"  {one.name}: {one.evidence.value:+.2f} [{low:+.2f}, {high:+.2f}], null 0, "
                f"p {one.p:.3g}, corrected {one.corrected:.3g}: {one.verdict}"
            )
    for note in result.notes:
        print(f"Note: {note}")
    print(f"{result.seconds:.0f} s of processor time for {result.name}.")
