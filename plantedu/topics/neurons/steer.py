"""What does a feature of the dictionary do? h is moved along it, and a denoiser draws.

    effect on a factor = mean over plants of (reading told h' - reading told h),  the same noise
    null               = the same for pushes of equal length along differences between plants

A reader of factors that was never shown a generated picture reads them; numbers are in units of the
factor's spread, categories in probability. A feature that moves what it answers best, and more than
a push elsewhere does, is used by whoever reads h: here the denoiser. It is one denoiser's view of
h.

Source: steering as in Pach et al. 2025, arXiv:2504.02821 [pach2025]; drawing from h: Bordes et al.
2022, arXiv:2112.09164 [bordes2022]. Lesson: 10_neurons.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from plantedu.charts.chart import Drawing
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError, require
from plantedu.output_paths import check_folder
from plantedu.serialization import revived, settings_of, with_tuples
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.neurons.results.steer_chart import steer_chart

FOLDER = "dictionaries"
OTHERS = 256  # plants whose differences are the null


@dataclass(frozen=True)
class Settings:
    """Which feature is moved.

    Attributes:
        dictionary: Name of one that ships (cross-0), or run:ID of a run that trained one.
        feature: Its number.
        times: How many times its mean code is added; below 0: taken away.
        sensor: Whose picture is told.
        plants: How many plants, 2 or more.
        samples: Pictures of each.
        steps: Of the sampler.
        denoiser: Name of one that ships; the largest for a CPU by default.
        seed: Of the noise.
    """

    dictionary: str = "cross-0"
    feature: int = 0
    times: float = 3.0
    sensor: str = "rgb"
    plants: int = 6
    samples: int = 2
    steps: int = 6
    denoiser: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.sensor in ("rgb", "rgn"), f"sensor is rgb or rgn; got {self.sensor!r}.")
        require(2 <= self.plants <= 64, f"plants is 2 to 64; got {self.plants}.")
        require(1 <= self.samples <= 16, f"samples is 1 to 16; got {self.samples}.")
        require(abs(self.times) <= 50, f"times is -50 to 50; got {self.times}.")


@dataclass(frozen=True)
class SteerResult:
    """What a push along a feature does.

    Attributes:
        settings: What was asked.
        encoder: Whose h.
        length: Length of the push beside the mean distance of a plant from the mean of h.
        effects: By what is read; null: mean size of the change for pushes elsewhere.
    """

    settings: Settings
    encoder: str
    length: float
    effects: dict[str, Evidence]

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "SteerResult":
        """Read what a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """The largest effects beside pushes elsewhere."""
        about = f"feature {self.settings.feature}, {self.settings.times:g} times its mean code"
        return steer_chart(self.effects, about, dark=dark)


def steered(
    settings: Settings,
    *,
    folder: Path,
    out: Path | None = None,
    check: Callable[[], None] = lambda: None,
    tell: Callable[[int], None] = lambda done: None,
) -> SteerResult:
    """Draw, read, and compare.

    Args:
        settings: What is asked.
        folder: Where rendered pairs are kept, and the runs.
        out: Folder for the pictures; None writes none.
        check: Called between passes; may raise to stop.
        tell: Called with how many sets of pictures are drawn.

    Raises:
        PlantEduError: for a dictionary, feature or denoiser that is not there, or an encoder that
            the denoiser is not told by.
    """
    from plantedu.topics.generation.denoisers import load_denoiser, shipped_denoiser
    from plantedu.topics.generation.regressor_training import shipped_reader
    from plantedu.topics.neurons.dictionary_training import load_dictionary
    from plantedu.topics.neurons.spatial_activations import Plot
    from plantedu.topics.neurons.steering import changes, push, steer
    from plantedu.training.seeding import generator_for
    from plantedu.zoo.representations import open_encoder

    model, words = load_dictionary(dictionary_file(settings.dictionary, folder))
    path = _denoiser(settings.denoiser) if settings.denoiser else shipped_denoiser()
    encoder = open_encoder(words.removeprefix("shipped:"))
    plot = Plot(FIRST_HELD_OUT, max(OTHERS, settings.plants), folder)
    pictures = plot.pictures(settings.sensor)
    h = encoder.h(pictures)
    strength = _strength(model, plot, words, settings)
    move = push(model, settings.feature, strength, settings.times)
    found = steer(
        load_denoiser(path),
        f"{words}/h/{settings.sensor}",
        *(h[: settings.plants], move, h),
        samples=settings.samples,
        steps=settings.steps,
        generator=lambda: generator_for(settings.seed, "steered"),
        check=check,
        tell=tell,
    )
    if out is not None:
        _write(found, pictures[: settings.plants], out)
    sensors = (settings.sensor,)
    told = changes(shipped_reader(), found, sensors)
    effects = {name: _effect(name, *both, settings) for name, both in told.items()}
    return SteerResult(settings, words, found.length, effects)


def dictionary_file(words: str, folder: Path) -> Path:
    """The file of a dictionary.

    Raises:
        PlantEduError: where there is none; says which there are.
    """
    from plantedu.zoo.representations import SHIPPED

    if words.startswith("run:"):
        from plantedu.store.store import Store

        store = Store(Path(folder) / "plantedu.sqlite")
        path = store.folder(store.run(words.removeprefix("run:")).id) / "dictionary.safetensors"
        require(path.is_file(), f"{words} kept no dictionary; train one on the page.")
        return path
    known = sorted(p.stem for p in (SHIPPED / FOLDER).glob("*.safetensors"))
    require(
        words in known,
        f"No dictionary {words!r} ships; there are {', '.join(known) or 'none'}, or run:ID.",
    )
    return SHIPPED / FOLDER / f"{words}.safetensors"


def _denoiser(name: str) -> Path:
    from plantedu.zoo.representations import SHIPPED

    path = SHIPPED / "denoisers" / f"{name}.safetensors"
    known = ", ".join(sorted(p.stem for p in path.parent.glob("*.safetensors")))
    require(path.is_file(), f"No denoiser is called {name!r}; there are {known}.")
    return path


def _strength(model: Any, plot: Any, words: str, settings: Settings) -> float:
    """Mean code of the feature in the places where it fires.

    Raises:
        PlantEduError: for a dead feature.
    """
    from plantedu.zoo.encoders import open_encoder

    require(
        0 <= settings.feature < len(model.directions),
        f"The dictionary has features 0 to {len(model.directions) - 1}; got {settings.feature}.",
    )
    places = plot.places(open_encoder(words), settings.sensor).flatten(0, 1)
    codes = model.codes(places)[:, settings.feature]
    if not bool((codes > 0).any()):
        raise PlantEduError(
            f"Feature {settings.feature} is dead: it fires in none of {len(places)} places. Choose "
            "one of the list."
        )
    return float(codes[codes > 0].mean().detach())


def _effect(name: str, pushed: np.ndarray, elsewhere: np.ndarray, asked: Settings) -> Evidence:
    """Mean change over plants, and the mean size of it for pushes elsewhere."""
    return Evidence(
        question=f"How far does the push move the reading of {name}?",
        value=float(pushed.mean()),
        null=float(np.abs(elsewhere.mean(axis=1)).mean()),
        control=f"{len(elsewhere)} pushes of equal length between plants, mean size",
        n=len(pushed),
        interval=mean_interval(pushed),
    )


def _write(found: Any, sources: np.ndarray, out: Path) -> None:
    """Pictures: a row a plant; the source, told h, told h', pushed elsewhere."""
    from plantedu.topics.generation.image_grid import sheet
    from plantedu.topics.neurons.steering import side_by_side
    from plantedu.training.checkpoints import write_whole

    for name, rows in side_by_side(found, sources).items():
        write_whole(out / f"{name}.png", sheet(rows))


@dataclass(frozen=True)
class Options(Settings):
    """What does a feature of the dictionary do?

    Attributes:
        out: Folder for the pictures.
        json: Print the result as one JSON object on the last line.
    """

    out: Path | None = None
    json: bool = False


def job(work: Any) -> dict[str, Any]:
    """The same for a page: pictures go into the run's folder."""
    from plantedu.store.paths import home

    settings = revived(Settings, asdict(Settings()) | with_tuples(work.run.request))
    folder = work.store.folder(work.run.id)
    work.store.set_step(work.run.id, 0, 5)
    tell = lambda done: work.store.set_step(work.run.id, done, 5)  # noqa: E731
    return steered(settings, folder=home(), out=folder, check=work.check, tell=tell).as_json()


def main(argv: list[str]) -> int:
    """`python -m plantedu neurons steer [--feature 12 --times 3] [--json]`."""
    from plantedu.store.paths import home

    options = tyro.cli(Options, args=argv, prog="python -m plantedu neurons steer")
    check_folder(options.out)
    result = steered(settings_of(options, Settings), folder=home(), out=options.out)
    print(
        f"h of {result.encoder} pushed by {result.length:.2f} of a plant's distance from the mean"
    )
    for name, one in sorted(result.effects.items(), key=lambda pair: -abs(pair[1].value)):
        print(f"{name:22}{one.value:+8.3f}   {one.control} {one.null:.3f}")
    if options.json:
        print(json.dumps(result.as_json()))
    return 0
