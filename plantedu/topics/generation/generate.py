"""Draw many pictures from what one representation says of a plant, and ask whether they kept it.

One picture (or a pair, a mean, an edit: `topics/generation/conditions.py`) goes through a frozen
encoder; a denoiser conditioned on the representation alone draws pictures from noise. What
all of them share, the representation fixed; what differs from one to the next, it let go. Numbers
of it (`drawn_numbers.py`) stand beside those of pictures drawn unconditionally. The rank is taken
in the eyes of the conditioning encoder, and of one that had no part in it: the first can
be pleased by what it alone sees. A denoiser is a model too: what it draws is what it learned to
draw for such a representation, and where the representation is strange it guesses.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]. Lesson: 05_generation.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from plantedu.data.challenge.decode import MAX_BYTES
from plantedu.data.challenge.upload import SHOWN, Plant, uploaded
from plantedu.errors import PlantEduError, require
from plantedu.output_paths import check_file
from plantedu.serialization import command_line, settings_of
from plantedu.statistics.retrieval import chance_mrr
from plantedu.store.uploads import Uploads, wanted
from plantedu.store.work import Work
from plantedu.topics.generation.attacked_pair import attacked_pair
from plantedu.topics.generation.conditions import condition
from plantedu.topics.generation.drawn_numbers import DrawnNumbers, numbers_of
from plantedu.topics.generation.image_grid import ImageGrid, sheet
from plantedu.topics.generation.results.generate import ALONG, Settings, strange_words
from plantedu.topics.generation.session import (
    blank,
    denoiser_path,
    drawing,
    encoders,
    generation_session,
    novelty_of,
    scene_of,
)
from plantedu.topics.method import Context, Method
from plantedu.zoo.encoders import SHIPPED

if TYPE_CHECKING:
    from plantedu.charts.chart import Drawing

Show = Callable[[int, Tensor], object]
KNOBS = [field.name for field in fields(Settings)]


@dataclass(frozen=True, eq=False, kw_only=True)
class GenerateResult:
    """Pictures drawn from one representation, and what they kept of the source.

    Attributes:
        settings: What was asked.
        condition: In words.
        side: Pixels a side.
        pictures: Of every place and sample: X1's channels, then X2's.
        sources: What was represented: name and picture.
        counted: Numbers beside those of unconditional pictures.
        strange: How far the representation lies from training plants, beside held-out plants.
        first: Seconds until there was a picture to look at.
        seconds: Seconds until all were drawn.
        notes: What was done to the learner's own pictures.
    """

    settings: Settings
    condition: str
    side: int
    pictures: UInt8[np.ndarray, "place sample channel side side"]
    sources: tuple[tuple[str, np.ndarray], ...]
    counted: DrawnNumbers
    strange: dict[str, float]
    first: float
    seconds: float
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, without the pictures."""
        return {
            "settings": {n: v for n, v in asdict(self.settings).items() if n in KNOBS},
            "condition": self.condition,
            "side": self.side,
            "places": len(self.pictures),
            **self.counted.as_json(),
            "strange": self.strange,
            "first": self.first,
            "seconds": self.seconds,
            "notes": list(self.notes),
        }

    def chart(self, *, dark: bool = False) -> "Drawing":
        """Every number beside the same number of unconditional pictures."""
        from plantedu.topics.generation.results.generate_chart import generate_chart  # altair: .6 s

        return generate_chart(self.counted.numbers, dark=dark)


def generate(
    settings: Settings,
    *,
    bank_folder: Path,
    x1: np.ndarray | None = None,
    x2: np.ndarray | None = None,
    folder: Path = SHIPPED,
    check: Callable[[], None] = lambda: None,
    show: Show = lambda step, pictures: None,
) -> GenerateResult:
    """Draw pictures from what an encoder says of a plant.

    Args:
        settings: What is asked.
        bank_folder: Where rendered pairs are kept.
        x1, x2: A stranger's pictures, uint8 "3 side side"; None for a held-out plant.
        folder: Where checkpoints lie.
        check: Called between passes of a network; what it raises ends the drawing.
        show: Called after every step with what would come out now.

    Raises:
        PlantEduError: for an encoder without a denoiser, a plant that is not there, or a
            condition that cannot be.
    """
    around = generation_session(
        denoiser_path(settings, folder), bank_folder, detail=settings.detail
    )
    encoder = encoders(settings.encoder)
    scene = scene_of(settings, around, encoder, x1, x2, check)
    what = condition(settings, scene)
    started, first = time.perf_counter(), []

    def watch(step: int, pictures: Tensor) -> None:
        show(step, pictures)
        first.append(time.perf_counter() - started)

    drawn = drawing(settings, around, what.given, check, watch)
    seconds = time.perf_counter() - started
    unconditional = blank(settings, around, check)
    return GenerateResult(
        settings=settings,
        condition=what.says,
        side=around.side,
        pictures=(drawn * 255).round().to(torch.uint8).numpy(),
        sources=what.pictures,
        counted=numbers_of(settings, around, encoder, scene, drawn, unconditional),
        strange=novelty_of(settings, around, encoder, what),
        first=first[0] if first else seconds,
        seconds=seconds,
    )


@dataclass(frozen=True, kw_only=True)
class Request(Settings):
    """Draw pictures from what an encoder says of a plant.

    Attributes:
        x1: RGB picture of a plant of your own: a file; from a page, an upload's name.
        x2: RGN picture of the same plant.
        pair: File of `attacks attack-pairs --save` that a pair is taken from, at its own size.
        row: Which of its pairs.
        clean: Whether the pair is taken as it was before the attack.
        out: Where the grid is written, a PNG.
    """

    x1: str = ""
    x2: str = ""
    pair: Path | None = None
    row: int = 0
    clean: bool = False
    out: Path = Path("generated.png")


def _run(asked: Request, context: Context) -> GenerateResult:
    """In a terminal the grid goes into a file; for a page, previews and pictures into its run."""
    settings, work = settings_of(asked, Settings), context.work
    names = {"x1": asked.x1, "x2": asked.x2}
    if work is None:
        check_file(asked.out, like="generated.png")
    side = (
        generation_session(denoiser_path(settings), context.bank, detail=settings.detail).side
        if any(names.values())
        else 0
    )
    if asked.pair is not None:
        require(not side and work is None, "A pair of a file stands alone: without x1 and x2.")
        plant = attacked_pair(asked.pair, asked.row, clean=asked.clean)
    else:
        plant = _read(names, side) if work is None else brought(work, names, side)
    grid = (
        None
        if work is None
        else ImageGrid(
            work.store.folder(work.run.id),
            across=asked.kind in ALONG,
            made_by=f"python -m plantedu generation generate {command_line(settings)}",
        )
    )

    def show(step: int, drawn: Tensor) -> None:
        if grid is not None:
            grid.preview(step, drawn)
        context.step(step, settings.steps)

    context.step(0, settings.steps)
    result = generate(
        settings,
        bank_folder=context.bank,
        x1=plant.x1,
        x2=plant.x2,
        check=context.check,
        show=show,
    )
    if grid is None or work is None:
        asked.out.write_bytes(sheet(result.pictures))
        context.progress(f"written to {asked.out}")
    else:
        grid.finish(result.pictures, result.sources)
        forget(work, names)
    return replace(result, notes=plant.notes)


def _read(names: Mapping[str, str], side: int) -> Plant:
    """A terminal's own pictures; none where none are named."""
    files = [(Path(one).name, read_bytes(Path(one))) if one else None for one in names.values()]
    return uploaded(files[0], files[1], side=side) if any(files) else Plant(None, None)


def brought(work: Work, names: Mapping[str, str], side: int) -> Plant:
    """The learner's own pictures, decoded here and not in the server; none where none are named.

    Raises:
        PlantEduError: for a file that is gone, is another learner's, or that `uploaded` refuses.
    """
    if not any(names.values()):
        return Plant(None, None)
    uploads, learner = Uploads(work.store.path.parent), work.run.learner
    files = [
        (SHOWN[sensor], uploads.read(name, learner=learner)) if name else None
        for sensor, name in names.items()
    ]
    try:
        return uploaded(files[0], files[1], side=side)
    except PlantEduError:
        forget(work, names)
        raise


def forget(work: Work, names: Mapping[str, str]) -> None:
    """Take the uploaded files away that no other run waits for."""
    own = {name for name in names.values() if name}
    for name in own - wanted(work.store, but=work.run.id) if own else ():
        Uploads(work.store.path.parent).drop(name, learner=work.run.learner)


def read_bytes(path: Path) -> bytes:
    """A file of at most MAX_BYTES.

    Raises:
        PlantEduError: for what is no regular file, or a larger one.
    """
    require(path.is_file(), f"{path} is not there, or is no regular file.")
    size = path.stat().st_size
    require(size <= MAX_BYTES, f"{path.name} has {size / 2**20:.0f} MB; that is too much.")
    return path.read_bytes()


def tell(result: GenerateResult) -> None:
    """Print a result."""
    for note in result.notes:
        print(note)
    count = f"{result.pictures.shape[0] * result.pictures.shape[1]} pairs of {result.side} px"
    print(
        f"{result.condition}: {count} in {result.seconds:.2f} s, the first look after "
        f"{result.first:.2f} s"
    )
    for name, one in result.counted.numbers.items():
        print(f"  {name:<30} {one.value:8.3f}   unconditional {one.null:.3f}")
    if among := result.counted.among:
        print(f"  MRR among {among} plants: an order at random has {chance_mrr(among):.3f}")
    if result.strange:
        print("  " + strange_words(result.strange, places=len(result.pictures)).replace("**", ""))


METHOD = Method(Request, _run, tell, here_alone=("out", "pair", "row", "clean"))
