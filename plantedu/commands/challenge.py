"""`python -m plantedu challenge FOLDER --out submission.csv`: enter the rice challenge.

Nothing is written before everything is trained, and then in one step; a submission that is there
already is kept unless `--overwrite` says otherwise. Ctrl-C leaves no file.

Exit 0: written. Exit 2: it cannot be. Exit 130: stopped.
"""

import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

import tyro
from tqdm import tqdm

from plantedu.commands.finetune import shown
from plantedu.commands.terminal import answer
from plantedu.data.challenge.submission import submission_text
from plantedu.jobs.follow import Bar
from plantedu.output_paths import check_file
from plantedu.training.classifier.cross_validation import (
    ARMS,
    Challenge,
    Entry,
    Folder,
    compete,
    open_challenge,
)
from plantedu.training.fit import Observer, Record, State
from plantedu.whole_files import write_whole

Item = TypeVar("Item")


@dataclass(frozen=True)
class Enter:
    """Train on a challenge folder, by plant and in folds, and write a submission.

    Attributes:
        folder: Holds Train.csv, Test.csv, SampleSubmission.csv and images/.
        out: Where the submission goes.
        knobs: How it is trained.
        overwrite: Replace a submission that is there.
        json: Print the result as one JSON object on the last line.
    """

    folder: Annotated[Path, tyro.conf.Positional]
    out: Path
    knobs: Annotated[Challenge, tyro.conf.arg(name="")] = field(default_factory=Challenge)
    overwrite: bool = False
    json: bool = False


def main(argv: list[str]) -> int:
    """Enter.

    Raises:
        PlantEduError: for what cannot be entered; with `--json` it is printed as {"error": ...}
            instead, and 2 is returned.
    """
    return answer("challenge", Enter, argv, act, stopped="stopped; nothing was written.")


def act(chosen: Enter) -> int:
    """Enter, and say what came of it."""
    result = enter(chosen)
    print(json.dumps(result) if chosen.json else "\n".join(headlines(result)))
    return 0


def enter(chosen: Enter) -> dict[str, Any]:
    """Read, train, write; what it came to."""
    began = time.monotonic()
    check_file(chosen.out, overwrite=chosen.overwrite, like="submission.csv")
    folder = open_challenge(chosen.folder, chosen.knobs.image_size, progress=reading)
    with Bar(len(ARMS) * chosen.knobs.folds * chosen.knobs.steps) as bar:
        entry = compete(folder, chosen.knobs, observers=lambda arm, fold: watching(bar, arm, fold))
    text, filled = submission_text(folder.asked, entry.shares, folder.data.names, entry.prior)
    # an hour later, somebody may have written
    check_file(chosen.out, overwrite=chosen.overwrite, like="submission.csv")
    write_whole(chosen.out, text.encode())
    return plain_values(chosen, folder, entry, filled) | {"seconds": time.monotonic() - began}


def reading(files: Iterable[Item]) -> Iterable[Item]:
    """A bar over the plants while they are read."""
    return tqdm(files, unit="plant", file=sys.stderr, dynamic_ncols=True, leave=False)


def watching(bar: Bar, arm: str, fold: int) -> Sequence[Observer]:
    """Moves the bar by every step of an arm's fold."""

    class Step(Observer):
        def on_step(self, state: State, record: Record) -> None:
            if record.step:
                loss = record.values["loss"]
                bar.move(bar.bar.n + 1, {"loss": loss[0] if isinstance(loss, tuple) else loss})

    bar.bar.set_description(f"{arm}, fold {fold + 1}")
    return [Step()]


def plain_values(
    chosen: Enter, folder: Folder, entry: Entry, filled: tuple[str, ...]
) -> dict[str, Any]:
    """The result as plain values."""
    plain = ("log_loss", "accuracy")
    arms = {
        arm: {k: v.as_json() if k in plain else v for k, v in numbers.items()}
        for arm, numbers in entry.arms.items()
    }
    return {
        "out": str(chosen.out),
        "rows": len(folder.asked.ids),
        "submitted": entry.submitted,
        "plants": folder.train,
        "classes": list(folder.data.names),
        "arms": arms,
        "differences": {name: gap.as_json() for name, gap in entry.differences.items()},
        "left_out": [asdict(one) for one in folder.left_out],
        "given_the_prior": list(filled),
        "in_train_and_test": list(folder.twice),
        "knobs": asdict(chosen.knobs),
    }


def headlines(result: dict[str, Any]) -> list[str]:
    """Each arm beside its nulls, the differences, and what a reader has to know."""
    uniform = result["arms"]["rgb"]["log_loss_uniform"]
    lines = [f"{result['plants']} plants, out of fold by plant; uniform log loss {uniform:.4f}"]
    for arm, numbers in result["arms"].items():
        lines.append(f"  {arm:<5} log loss {shown(numbers['log_loss'])}")
        lines.append(f"  {arm:<5} accuracy {shown(numbers['accuracy'])}")
    for name, gap in result["differences"].items():
        ends = gap["interval"]
        lines.append(f"  {name:<11} {gap['value']:+.4f} [{ends[0]:+.4f}, {ends[1]:+.4f}]")
    for name, said in (
        ("left_out", "could not be read and were left out"),
        ("given_the_prior", "of Test have no forecast and were given the class prior"),
        ("in_train_and_test", "stand in Train and in Test: the test is leaked"),
    ):
        if result[name]:
            lines.append(f"  beware: {len(result[name])} plant(s) {said}.")
    lines.append(f"{result['rows']} rows from {result['submitted']} written to {result['out']}")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
