"""What does a feature of the dictionary do? h is moved along it, and a denoiser draws.

    effect on a factor = mean over plants of (reading given h' - reading given h),  the same noise
    null               = the same for pushes of equal length along differences between plants

A reader of factors that was never shown a generated picture reads them; numbers are in units of the
factor's spread, categories in probability. A feature that moves what it answers best, and more than
a push elsewhere does, is used by whoever reads h: here the denoiser. It is one denoiser's view of
h.

Source: steering as in Pach et al. 2025, arXiv:2504.02821 [pach2025]; drawing from h: Bordes et al.
2022, arXiv:2112.09164 [bordes2022]. Lesson: 10_neurons.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import PlantEduError, require
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.store.store import Store
from plantedu.topics.generation.denoisers import load_denoiser, shipped_denoiser
from plantedu.topics.generation.image_grid import sheet
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.method import Context, Method
from plantedu.topics.neurons.dictionary_training import load_dictionary
from plantedu.topics.neurons.results.steer import Settings, SteerResult
from plantedu.topics.neurons.sparse_autoencoder import Dictionary
from plantedu.topics.neurons.spatial_activations import Plot
from plantedu.topics.neurons.steering import Steered, changes, push, side_by_side, steer
from plantedu.training.seeding import generator_for
from plantedu.whole_files import write_whole
from plantedu.zoo import encoders

FOLDER = "dictionaries"
PASSES = 5  # sets of pictures
OTHERS = 256  # plants whose differences are the null


def steered(
    settings: Settings,
    *,
    folder: Path,
    out: Path | None = None,
    check: Callable[[], None] = lambda: None,
    step: Callable[[int], None] = lambda done: None,
) -> SteerResult:
    """Draw, read, and compare.

    Args:
        settings: What, and how.
        folder: Where rendered pairs are kept, and the runs.
        out: Folder for the pictures; None writes none.
        check: Called between passes; may raise to stop.
        step: Called with how many sets of pictures are drawn.

    Raises:
        PlantEduError: for a dictionary, feature or denoiser that is not there, or an encoder that
            the denoiser is not conditioned on.
    """
    model, words = load_dictionary(dictionary_file(settings.dictionary, folder))
    path = _denoiser(settings.denoiser) if settings.denoiser else shipped_denoiser()
    encoder = encoders.load_encoder(words.removeprefix("shipped:"))
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
        step=step,
    )
    if out is not None:
        _write(found, pictures[: settings.plants], out)
    sensors = (settings.sensor,)
    read = changes(shipped_reader(), found, sensors)
    effects = {name: _effect(name, *both, settings) for name, both in read.items()}
    return SteerResult(settings, words, found.length, effects)


def dictionary_file(words: str, folder: Path) -> Path:
    """The file of a dictionary.

    Raises:
        PlantEduError: where there is none; says which there are.
    """
    if words.startswith("run:"):
        store = Store(Path(folder) / "plantedu.sqlite")
        path = store.folder(store.run(words.removeprefix("run:")).id) / "dictionary.safetensors"
        require(path.is_file(), f"{words} kept no dictionary; train one on the page.")
        return path
    known = sorted(p.stem for p in (encoders.SHIPPED / FOLDER).glob("*.safetensors"))
    require(
        words in known,
        f"No dictionary {words!r} ships; there are {', '.join(known) or 'none'}, or run:ID.",
    )
    return encoders.SHIPPED / FOLDER / f"{words}.safetensors"


def _denoiser(name: str) -> Path:
    path = encoders.SHIPPED / "denoisers" / f"{name}.safetensors"
    known = ", ".join(sorted(p.stem for p in path.parent.glob("*.safetensors")))
    require(path.is_file(), f"No denoiser is called {name!r}; there are {known}.")
    return path


def _strength(model: Dictionary, plot: Plot, words: str, settings: Settings) -> float:
    """Mean code of the feature in the places where it fires.

    Raises:
        PlantEduError: for a dead feature.
    """
    require(
        0 <= settings.feature < len(model.directions),
        f"The dictionary has features 0 to {len(model.directions) - 1}; got {settings.feature}.",
    )
    places = plot.places(encoders.load_encoder(words), settings.sensor).flatten(0, 1)
    codes = model.codes(places)[:, settings.feature]
    if not bool((codes > 0).any()):
        raise PlantEduError(
            f"Feature {settings.feature} is dead: it fires in none of {len(places)} places. Choose "
            "one of the list."
        )
    return float(codes[codes > 0].mean().detach())


def _effect(name: str, pushed: np.ndarray, elsewhere: np.ndarray, targets: Settings) -> Evidence:
    """Mean change over plants, and the mean size of it for pushes elsewhere."""
    return Evidence(
        question=f"How far does the push move the reading of {name}?",
        value=float(pushed.mean()),
        null=float(np.abs(elsewhere.mean(axis=1)).mean()),
        control=f"{len(elsewhere)} pushes of equal length between plants, mean size",
        n=len(pushed),
        interval=mean_interval(pushed),
    )


def _write(found: Steered, sources: np.ndarray, out: Path) -> None:
    """Pictures: a row a plant; the source, given h, given h', pushed elsewhere."""
    for name, rows in side_by_side(found, sources).items():
        write_whole(out / f"{name}.png", sheet(rows))


def _run(settings: Settings, context: Context) -> SteerResult:
    context.step(0, PASSES)
    return steered(
        settings,
        folder=context.home,
        out=context.place(),
        check=context.check,
        step=lambda done: context.step(done, PASSES),
    )


def tell(result: SteerResult) -> None:
    """Print a result."""
    print(
        f"h of {result.encoder} pushed by {result.length:.2f} of a plant's distance from the mean"
    )
    for name, one in sorted(result.effects.items(), key=lambda pair: -abs(pair[1].value)):
        print(f"{name:22}{one.value:+8.3f}   {one.control} {one.null:.3f}")


METHOD = Method(Settings, _run, tell, saves="pictures/", saved_by="out")
