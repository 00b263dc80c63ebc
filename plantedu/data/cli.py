"""`python -m plantedu pairs make DIR` and `pairs check DIR`: render or audit a challenge folder.

Exit 0: made, or clean. Exit 1: the audit found something. Exit 2: it cannot be made or read. With
`--json` the last line is one JSON object; progress and sentences go to standard error.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro
from tqdm import tqdm

from plantedu.data.audit import KINDS, Audit, audit_folder
from plantedu.data.planting import write_folder
from plantedu.data.worlds import world
from plantedu.errors import PlantEduError
from plantedu.outputs import check_folder

EXAMPLES = 5

Folder = Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="DIR")]


@dataclass(frozen=True)
class Make:
    """Render planted pairs as a challenge folder, with factors.csv and masks/.

    Attributes:
        folder: A folder that is new, empty, or was made by this command (it is then replaced).
        pairs: How many plants.
        size: Pixels a side, 16 to 512.
        seed: Seed of the world.
        world: Name of the world, such as field, shared_light, decoy or calm.
        test_share: Share of the plants that goes to Test.csv.
        leak: Plant leaks for `check` to find; plantedu.json has the answers.
        json: Print one JSON object.
    """

    folder: Folder
    pairs: int = 64
    size: int = 128
    seed: int = 0
    world: str = "field"
    test_share: float = 0.3
    leak: bool = False
    json: bool = False

    def __call__(self) -> int:
        """Render, and say what was written."""
        check_folder(self.folder)
        started = time.perf_counter()
        written = write_folder(
            world(self.world, self.seed),
            self.folder,
            pairs=self.pairs,
            size=self.size,
            test_share=self.test_share,
            leak=self.leak,
            progress=_bar("rendering", "pair", self.pairs),
        )
        facts = {
            "folder": str(written.path),
            "world": self.world,
            "seed": self.seed,
            "pairs": self.pairs,
            "ids": len(written.places),
            "train": sum(p.rgb_side == "train" for p in written.places),
            "test": sum(p.rgb_side == "test" for p in written.places),
            "labels": dict(sorted(Counter(p.label for p in written.places).items())),
            "leaks": dict(Counter(p.leak for p in written.places if p.leak)),
            "files": written.files,
            "bytes": written.bytes,
            "seconds": round(time.perf_counter() - started, 3),
        }
        print(json.dumps(facts) if self.json else _made(facts))
        return 0


@dataclass(frozen=True)
class Check:
    """Audit a challenge folder, real or rendered; nothing in it is changed.

    Attributes:
        folder: The folder that holds Train.csv and images/.
        near: Also look for pictures that are nearly the same.
        json: Print one JSON object.
    """

    folder: Folder
    near: bool = False
    json: bool = False

    def __call__(self) -> int:
        """Audit, and say what was found."""
        audit = audit_folder(self.folder, near=self.near, progress=_bar("reading", "picture"))
        print(json.dumps(audit.as_json()) if self.json else _audited(audit))
        return 0 if audit.clean else 1


def main(argv: list[str]) -> int:
    """Run `make` or `check`; the options are the fields of their dataclasses.

    Raises:
        PlantEduError: for what cannot be made or read; with `--json` it is printed as
            {"error": ...} instead, and 2 is returned.
    """
    make = Annotated[Make, tyro.conf.subcommand("make")]
    check = Annotated[Check, tyro.conf.subcommand("check")]
    command: Make | Check = tyro.cli(
        make | check,  # pyright: ignore[reportArgumentType]
        prog="python -m plantedu pairs",
        description="Make or check a challenge folder of paired RGB and RGN pictures.",
        args=argv,
        config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitSubcommandPrefixes),
    )
    try:
        return command()
    except PlantEduError as error:
        if not command.json:
            raise
        print(f"plantedu pairs: {error}", file=sys.stderr)
        print(json.dumps({"error": str(error)}))
        return 2


def _bar(what: str, unit: str, total: int | None = None) -> Callable[[Iterable], Iterable]:
    """A progress bar on standard error."""
    return partial(tqdm, desc=what, unit=f" {unit}s", total=total, file=sys.stderr)


def _made(facts: dict) -> str:
    """What was written, for a person."""
    leaks = ", ".join(f"{count} {name}" for name, count in facts["leaks"].items())
    lines = [
        f"{facts['folder']}: {facts['ids']} pairs of {facts['world']}, seed {facts['seed']}: "
        f"{facts['train']} in Train.csv, {facts['test']} in Test.csv.",
        f"{_counted(facts['labels'])}; {facts['files']} files, {facts['bytes'] / 1e6:.1f} MB, "
        f"{facts['seconds']:.1f} s.",
        *([f"Leaks planted (answers in plantedu.json): {leaks}."] if leaks else []),
        f"Next: python -m plantedu pairs check {facts['folder']}",
    ]
    return _printable("\n".join(lines))


def _audited(audit: Audit) -> str:
    """What was found, for a person: counts, then a few examples of each kind."""
    lines = [
        f"{audit.path}: {audit.pairs} pairs ({audit.train} in Train.csv, {audit.test} in "
        f"Test.csv), {audit.files} files.",
        f"Labels of Train.csv: {_counted(audit.labels) or 'none'}. "
        f"Sizes: {_counted(audit.sizes) or 'none'}.",
    ]
    for kind, count in audit.counts().items():
        said = [finding.sentence for finding in audit.findings if finding.kind == kind]
        lines += ["", f"{count} {KINDS[kind]}", *(f"  {sentence}" for sentence in said[:EXAMPLES])]
        if count > EXAMPLES:
            lines.append(f"  ... and {count - EXAMPLES} more (--json lists all)")
    if audit.left_out:
        lines += ["", f"{len(audit.left_out)} plants that training and forecasts leave out"]
        lines += [f"  {one.reason}" for one in audit.left_out[:EXAMPLES]]
        if len(audit.left_out) > EXAMPLES:
            lines.append(f"  ... and {len(audit.left_out) - EXAMPLES} more (--json lists all)")
    lines += ["", "Nothing wrong was found." if audit.clean else "Nothing was changed."]
    return _printable("\n".join(lines))


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _printable(text: str) -> str:
    """The text without what this terminal cannot show, such as odd file names."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
