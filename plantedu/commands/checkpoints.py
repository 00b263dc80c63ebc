"""`python -m plantedu checkpoints list|verify|rebuild|add`: the weights that ship.

Exit 0: good. Exit 1: a file is not what its card says, or a rebuilt one is not close to it.
Exit 2: what was asked for cannot be done.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from plantedu.commands.terminal import progress
from plantedu.errors import PlantEduError, require
from plantedu.jobs.threads import share_cores
from plantedu.output_paths import check_folder
from plantedu.publishing.registry import SHIPPED, Shipped, names, shipped, verified
from plantedu.store.lineage import find_run
from plantedu.store.paths import bank_folder
from plantedu.store.run import Run
from plantedu.store.store import Store

Name = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="NAME")]
Names = Annotated[tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="[NAME ...]")]
Said = tuple[dict[str, Any], str, int]


@dataclass(frozen=True)
class List:
    """Every file that ships: size, seed, headline numbers beside their nulls, command.

    Attributes:
        folder: Where they lie.
        json: Print one JSON object.
    """

    folder: Path = SHIPPED
    json: bool = False

    def __call__(self) -> Said:
        """A line for each, a last one for all."""
        found = [shipped(name, self.folder) for name in names(self.folder)]
        total = sum(each.card.get("bytes", 0) for each in found) / 1e6
        lines = [line for each in found for line in file_lines(each)]
        lines.append(f"{len(found)} checkpoints, {total:.1f} MB")
        said = {"megabytes": total, "checkpoints": [each.as_json() for each in found]}
        return said, "\n".join(lines), 0


@dataclass(frozen=True)
class Verify:
    """Check files against their cards, and that they load.

    Attributes:
        names: Which; all by default.
        folder: Where they lie.
        json: Print one JSON object.
    """

    names: Names = ()
    folder: Path = SHIPPED
    json: bool = False

    def __call__(self) -> Said:
        """What is wrong; exit 1 if anything is."""
        found = [verified(name, self.folder) for name in self.names or names(self.folder)]
        wrong = [each for each in found if each.error]
        lines = [f"{each.name}: {each.error or 'good'}" for each in found]
        lines.append(f"{len(found) - len(wrong)} of {len(found)} checkpoints are good.")
        said = {"good": not wrong, "checkpoints": [each.as_json() for each in found]}
        return said, "\n".join(lines), int(bool(wrong))


@dataclass(frozen=True)
class Rebuild:
    """Make a file again from its card and compare; what ships is left as it is.

    Attributes:
        name: Which.
        out: Folder for the new file and its card; a new temporary one by default.
        home: Where pairs are rendered to; a new temporary folder by default.
        folder: Where the shipped files lie.
        json: Print one JSON object.
    """

    name: Name
    out: Path | None = None
    home: Path | None = None
    folder: Path = SHIPPED
    json: bool = False

    def __call__(self) -> Said:
        """Sha256 and headline numbers of both; exit 1 if a number is off by too much."""
        from plantedu.publishing.reproduce import rebuild

        out = self.out or Path(tempfile.mkdtemp(prefix="plantedu-rebuilt-"))
        check_folder(out)
        require(out.resolve() != self.folder.resolve(), "--out must not be the shipped folder.")
        with tempfile.TemporaryDirectory(prefix="plantedu-home-") as bare:
            bank = (self.home or Path(bare)) / "bank"
            found = rebuild(
                self.name, out=out, folder=self.folder, bank_folder=bank, watching=[progress()]
            )
        same = ("another file", "the same file, byte for byte")[found.same_file]
        bits = ("other weights", "the same weights, bit for bit")[found.same_weights]
        lines = [f"{self.name} in {found.path}: {same}; {bits}"]
        for name, n in found.numbers.items():
            verdict = "close" if abs(n["difference"]) <= n["tolerance"] else "NOT CLOSE"
            lines.append(
                f"  {name:<28} card {n['card']:.3f}  rebuilt {n['rebuilt']:.3f}  (null "
                f"{n['null']:.3f})  {verdict}, tolerance {n['tolerance']:g}"
            )
        return found.as_json(), "\n".join(lines), int(not found.close)


@dataclass(frozen=True)
class Add:
    """Ship the weights of a run with their card.

    Attributes:
        name: Under which name, such as cross-0 or stages/0600.
        run: Id of the run, the first digits of it, or its name.
        at: Step of the checkpoint; 0 is the start; the end by default.
        threads: With how many it was trained, where the run does not know.
        about: A sentence for people.
        form: weights (float32), half (float16), or whole (with the optimiser, to train on).
        folder: Where to.
        json: Print one JSON object.
    """

    name: Name
    run: str
    at: int | None = None
    threads: int | None = None
    about: str = ""
    form: Literal["weights", "half", "whole"] = "weights"
    folder: Path = SHIPPED
    json: bool = False

    def __call__(self) -> Said:
        """Write file and card."""
        from plantedu.publishing.publish import add

        check_folder(self.folder)
        store = Store()
        try:
            found = add(
                store,
                named(store, self.run),
                self.name,
                at=self.at,
                threads=self.threads,
                about=self.about,
                form=self.form,
                folder=self.folder,
                bank_folder=bank_folder(),
            )
        finally:
            store.close()
        return found.as_json(), "\n".join(file_lines(found)), 0


def named(store: Store, words: str) -> Run:
    """The newest run of this name that is done, or the run whose id begins so.

    Raises:
        PlantEduError: if there is none.
    """
    same = [run for run in store.runs(limit=100_000) if run.name == words]
    done = [run for run in same if run.state == "done"]
    return (done or same)[0] if same else find_run(store, words)


def file_lines(found: Shipped) -> list[str]:
    """A file in a few lines."""
    if found.error:
        return [f"{found.name:<18} {found.error}"]
    card = found.card
    judged = [name for name in card["headlines"] if name.startswith(("disease", "accuracy"))]
    numbers = [
        f"{name} {number['value']:.3f} ({number['control']} {number['null']:.3f})"
        for name, number in card["headlines"].items()
        if name in (judged or list(card["headlines"])[:2])
    ]
    size, seed = card["bytes"] / 1e6, card.get("seed", "?")
    first = f"{found.name:<18} {size:5.1f} MB  seed {seed}  {'; '.join(numbers)}"
    return [first, *(f"    {line}" for line in card["command"].splitlines())]


def main(argv: list[str]) -> int:
    """Run one command.

    Raises:
        PlantEduError: for what cannot be done; with `--json` it is printed as {"error": ...}
            instead, and 2 is returned.
    """
    share_cores()
    command = tyro.cli(
        List | Verify | Rebuild | Add,  # pyright: ignore[reportArgumentType]
        prog="python -m plantedu checkpoints",
        description="List, verify, rebuild or add weights that ship.",
        args=argv,
        config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitSubcommandPrefixes),
    )
    try:
        found, text, code = command()
    except PlantEduError as error:
        if not command.json:
            raise
        print(f"plantedu checkpoints: {error}", file=sys.stderr)
        print(json.dumps({"error": str(error)}))
        return 2
    print(json.dumps(found) if command.json else text)
    return code
