"""`python -m plantedu exercise start|check|list|solutions`: write a method, and have it checked."""

import json as js
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from plantedu.course.lessons import lessons_in
from plantedu.course.predictions import is_token, new_token
from plantedu.course.progress import Progress
from plantedu.errors import PlantEduError, require
from plantedu.exercises.outline import Outline, outline, outlines
from plantedu.exercises.running import Bounds, check_file
from plantedu.exercises.table import lesson_numbers
from plantedu.output_paths import check_folder
from plantedu.shipped_files import lessons
from plantedu.store.limits import limits

FOLDER = Path("plantedu-exercises")
COMMAND = "python -m plantedu exercise"
Key = Annotated[str, tyro.conf.Positional]


@dataclass(frozen=True)
class Start:
    """Write a file to fill in: imports, signature, docstring. A file that is there is left alone.

    Attributes:
        key: The exercise, such as 02.5.
        folder: Where the file is written; it is made if it is not there.
    """

    key: Key
    folder: Path = FOLDER


@dataclass(frozen=True)
class Check:
    """Check a file in a process of its own, with a limit of time and memory.

    Attributes:
        key: The exercise, such as 02.5.
        file: Your file; left out, the one that `start` writes.
        folder: Where `start` wrote it.
        seconds: Time for all checks, by the clock.
        megabytes: Memory for the process.
        learner: The token in the address of your pages (learner=...), for your progress; left out,
            whoever learned on this machine last.
        json: Print the report as one JSON object on the last line.
    """

    key: Key
    file: Annotated[Path | None, tyro.conf.Positional] = None
    folder: Path = FOLDER
    seconds: float = Bounds.seconds
    megabytes: float = Bounds.megabytes
    learner: str = ""
    json: bool = False


@dataclass(frozen=True)
class List:
    """List the exercises in code.

    Attributes:
        lesson: Of this lesson alone, such as 02.
    """

    lesson: str = ""


@dataclass(frozen=True)
class Solutions:
    """Print solutions, for who teaches.

    Attributes:
        lesson: Of this lesson, such as 02.
    """

    lesson: str


def main(argv: list[str]) -> int:
    """Exit code 0 for a check that passes and for all else that is done; 1 for one that fails."""
    acts: dict[type, tuple[str, Callable[[Any], int]]] = {
        Start: ("start", started),
        Check: ("check", checked),
        List: ("list", listed),
        Solutions: ("solutions", solved),
    }
    either: Any = Annotated[Start, tyro.conf.subcommand("start")]
    for kind, (name, _) in list(acts.items())[1:]:
        either = either | Annotated[kind, tyro.conf.subcommand(name)]  # type: ignore[valid-type]
    chosen = tyro.cli(either, args=argv, prog=COMMAND, config=(tyro.conf.FlagCreatePairsOff,))
    try:
        return acts[type(chosen)][1](chosen)
    except PlantEduError as error:
        if not getattr(chosen, "json", False):
            raise
        print(js.dumps({"error": str(error)}))
        return 2


def started(chosen: Start) -> int:
    """Write the stub, and say the next line to type."""
    asked = outline(chosen.key)
    check_folder(chosen.folder)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    path = chosen.folder / asked.file_name
    next_line = check_line(asked.key, chosen.folder)
    if path.exists():
        print(f"{path} is there already and is left as it is.")
    else:
        path.write_text(f'"""{asked.key} {asked.title}: {next_line}"""\n\n{asked.stub}', "utf-8")
        print(f"{asked.key} {asked.title}. Fill in {asked.name} in {path}.")
    print(f"Then type:\n\n    {next_line}")
    return 0


def check_line(key: str, folder: Path = FOLDER) -> str:
    """The command that checks an exercise."""
    return f"{COMMAND} check {key}" + ("" if folder == FOLDER else f" --folder {folder}")


def checked(chosen: Check) -> int:
    """Check a file, show the report, and keep a pass as the learner's progress."""
    asked = outline(chosen.key)
    require(chosen.seconds > 0, f"--seconds must be above 0, got {chosen.seconds:g}.")
    require(chosen.megabytes >= 500, "--megabytes must be 500 or more; torch alone takes 400.")
    require(not chosen.learner or is_token(chosen.learner), "--learner is no learner's token.")
    file = chosen.file or chosen.folder / asked.file_name
    report = check_file(asked.key, file, Bounds(chosen.seconds, chosen.megabytes))
    print(report)
    kept = keep(asked, chosen.learner) if report.passed else ""
    if report.passed:
        print(kept or f"Not kept as progress; {WHO}")
    if chosen.json:
        print(js.dumps(report.as_json()))
    return 0 if report.passed else 1


WHO = "say --learner TOKEN, the token in the address of your pages."


def keep(asked: Outline, learner: str) -> str:
    """Note that an exercise is solved; what is said of it, "" where nobody knows whose it is."""
    progress = Progress()
    token = learner or ("" if limits().private else progress.last_learner() or new_token())
    if not token:
        return ""
    number = asked.key.partition(".")[0]
    stem = next(one.stem for one in lessons_in(lessons()) if one.number == number)
    try:
        progress.solved(token, stem, asked.key)
    except PlantEduError as error:
        return f"Not kept as progress. {error}"
    return f"Kept as your progress (learner={token})."


def listed(chosen: List) -> int:
    """One line an exercise."""
    numbers = [chosen.lesson] if chosen.lesson else lesson_numbers()
    for number in numbers:
        for one in of_lesson(number):
            print(f"{one.key}  {one.title} ({one.name})")
    return 0


def solved(chosen: Solutions) -> int:
    """The references of a lesson."""
    for one in of_lesson(chosen.lesson):
        print(f"# {one.key} {one.title}\n\n{one.solution}\n\n")
    return 0


def of_lesson(number: str) -> tuple[Outline, ...]:
    """The exercises of a lesson.

    Raises:
        PlantEduError: if it has none.
    """
    found = outlines(number)
    there = ", ".join(lesson_numbers())
    require(bool(found), f"No exercises in code in lesson {number!r}; there are some in {there}.")
    return found
