"""`python -m plantedu report export|verify`: a learner's report as one zip, and its check."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import tyro

from plantedu.course.lessons import Lesson, lessons_in
from plantedu.course.report_export.packing import learner_record, pack
from plantedu.course.report_export.reading import open_report
from plantedu.course.report_export.verifying import Step, verify
from plantedu.errors import PlantEduError
from plantedu.output_paths import check_file
from plantedu.shipped_files import lessons
from plantedu.store.paths import home
from plantedu.store.store import FILE, Store
from plantedu.whole_files import write_whole

LESSONS = lessons()
MARK = {True: "same", False: "DIFFERS", None: "not run"}


@dataclass(frozen=True)
class Export:
    """Write the report of one learner.

    Attributes:
        file: The zip to write.
        learner: The token in the address of the learner's pages (learner=...).
    """

    file: Annotated[Path, tyro.conf.Positional]
    learner: str


@dataclass(frozen=True)
class Verify:
    """Make every file of a report again, and compare.

    "Same" says that its numbers follow from the predictions, claims and runs in it; it cannot say
    that these are anybody's own. Nothing in a report is signed.

    Attributes:
        file: The zip of a report. Nothing in it is run.
        longest: Seconds that a run may take here to be made again; 0 repeats none.
        json: Print the steps as one JSON object on the last line.
    """

    file: Annotated[Path, tyro.conf.Positional]
    longest: float = 120.0
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu report verify FILE.zip`; 0 if all is the same, 1 if something differs."""
    chosen = tyro.cli(
        Annotated[Export, tyro.conf.subcommand("export")]  # type: ignore[arg-type]
        | Annotated[Verify, tyro.conf.subcommand("verify")],
        args=argv,
        prog="python -m plantedu report",
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    return exported(chosen) if isinstance(chosen, Export) else verified(chosen)


def course() -> list[Lesson]:
    """The lessons of this copy.

    Raises:
        PlantEduError: where the package stands alone, without its lessons.
    """
    found = lessons_in(LESSONS)
    if not found:
        raise PlantEduError("There are no lessons here; run this in a copy of the repository.")
    return found


def exported(options: Export) -> int:
    """Write a report."""
    check_file(options.file, like="report.zip")
    path, store = home() / FILE, Store()
    record = learner_record(options.learner, path, store)
    write_whole(options.file, pack(record, course(), LESSONS / "results"))
    print(f"{options.file}: {len(record.predictions)} predictions, {len(record.claims)} claims, "
          f"{len(record.runs)} runs.")  # fmt: skip
    return 0


def verified(options: Verify) -> int:
    """Check a report, and say what came out."""
    report = open_report(options.file)
    steps = verify(
        report,
        course(),
        LESSONS / "results",
        longest=options.longest,
        say=lambda said: print(f"... {said}", flush=True),
    )
    print_steps(steps)
    if options.json:
        print(json.dumps({"steps": [asdict(step) for step in steps], "same": same(steps)}))
    return 0 if same(steps) else 1


def same(steps: list[Step]) -> bool:
    """Whether nothing differs; what was not made again does not count."""
    return all(step.holds is not False for step in steps)


def print_steps(steps: list[Step]) -> None:
    """A line a step, and the sum."""
    for step in steps:
        print(f"{MARK[step.holds]:<9}{step.name:<36}{step.says}")
    count = {word: sum(s.holds is k for s in steps) for k, word in MARK.items()}
    print(", ".join(f"{n} {word}" for word, n in count.items()))
    print("same: it follows from the records in the zip; whose they are nothing here can show.")
