"""`python -m plantedu examine --encoder E --data D --out FILE.html`: one's own model, examined."""

import sys
from dataclasses import dataclass
from pathlib import Path

import tyro

from plantedu.errors import PlantEduError, require
from plantedu.output_paths import check_file
from plantedu.own.examination.report import verified
from plantedu.own.examination.summary import summary
from plantedu.own.examine import examine
from plantedu.own.images import images
from plantedu.own.model import model


@dataclass(frozen=True)
class Options:
    """Examine a model on labelled pictures, and write one report; or check a report.

    Attributes:
        encoder: NAME, run:ID, file:PATH, timm:NAME[@FILE], py:MODULE:FUNCTION or random:SEED.
        data: images:PATH (a folder a class), folder:PATH, npz:PATH or world:NAME.
        out: The report, one HTML file; .json writes its numbers alone.
        second: Another encoder to compare with.
        trained_on: Data that the encoder was trained on, to look for leaks.
        quick: Fewer pictures where each costs passes.
        limit: Read no more pictures than this; 0 is all.
        seed: Draws everything.
        verify: Instead of all that: a report whose page is drawn again from its numbers.
    """

    encoder: str = ""
    data: str = ""
    out: Path | None = None
    second: str = ""
    trained_on: str = ""
    quick: bool = False
    limit: int = 0
    seed: int = 0
    verify: Path | None = None


def main(argv: list[str]) -> int:
    """0 when a report was written, or is what its numbers give; 1 where it is not.

    Raises:
        PlantEduError: for what cannot be examined or read.
    """
    chosen = tyro.cli(
        Options,
        args=argv,
        prog="python -m plantedu examine",
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    if chosen.verify is not None:
        return _verified(chosen.verify)
    require(
        bool(chosen.encoder and chosen.data and chosen.out),
        "examine needs --encoder, --data and --out; or --verify REPORT.html.",
    )
    assert chosen.out is not None
    require(chosen.out.suffix in (".html", ".json"), "--out ends with .html or .json.")
    check_file(chosen.out, like="report.html")
    return _examined(chosen, chosen.out)


def _examined(chosen: Options, out: Path) -> int:
    me = model(chosen.encoder)
    knobs = {"size": me.side, "limit": chosen.limit or None}
    report = examine(
        me,
        images(chosen.data, **knobs),
        second=chosen.second or None,
        earlier=images(chosen.trained_on, size=me.side) if chosen.trained_on else None,
        quick=chosen.quick,
        seed=chosen.seed,
        progress=lambda said: print(said, file=sys.stderr, flush=True),
    )
    report.save(out)
    for one in summary(report).found:
        print(one)
    print(f"{out}: {sum(not one.missing for one in report.sections)} of "
          f"{len(report.sections)} sections answered.")  # fmt: skip
    return 0


def _verified(path: Path) -> int:
    try:
        same = verified(path)
    except OSError as error:
        raise PlantEduError(f"{path} cannot be read: {error.strerror}.") from error
    print("same: the page follows from the numbers in it; whose they are it cannot show."
          if same else "DIFFERS: this copy draws another page from these numbers.")  # fmt: skip
    return 0 if same else 1
