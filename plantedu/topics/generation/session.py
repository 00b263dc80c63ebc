"""Where pictures are drawn on request: a denoiser, encoders and plants that are kept warm.

Lesson: 05_generation.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from plantedu.errors import require
from plantedu.models.denoiser import Denoiser
from plantedu.topics.generation.conditions import Condition, Scene
from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.denoiser_training import Plants, open_plants
from plantedu.topics.generation.denoisers import FOLDER, draw, load_stages, shipped_denoiser
from plantedu.topics.generation.reference_set import (
    Given,
    ReferenceSet,
    knn_novelty,
    representations_by_slot,
)
from plantedu.topics.generation.results.generate import Settings
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.seeding import generator_for
from plantedu.zoo.encoders import SHIPPED, LoadedEncoder, conditioning_encoder

GALLERY = 256  # held-out plants among which a source is looked for, while one waits
FAMILIAR = 512  # training plants to which a newcomer's distance is measured
encoders = lru_cache(maxsize=8)(conditioning_encoder)
_BLANKS: dict[Any, Tensor] = {}


@dataclass(frozen=True, eq=False)
class GenerationSession:
    """A denoiser with the plants around it, kept warm between two requests."""

    stages: tuple[Denoiser, ...]
    recipe: Denoise
    plants: Plants

    @property
    def side(self) -> int:
        """Pixels a side of what is drawn in the end."""
        return self.stages[-1].side

    @cached_property
    def held_out(self) -> ReferenceSet:
        """Plants that it never saw, among which a source is looked for."""
        return self._reference(self.plants.held_out)

    @cached_property
    def familiar(self) -> ReferenceSet:
        """Plants that it was trained on; rendered when they are first wanted, after a drawing."""
        return self._reference(self.plants.train)

    def _reference(self, rows: np.ndarray) -> ReferenceSet:
        factors = {name: column[rows] for name, column in self.plants.bank.factors.items()}
        return ReferenceSet(rows, factors, self.plants.take, self.side)


@lru_cache(maxsize=2)
def generation_session(path: Path, bank_folder: Path, *, detail: bool = False) -> GenerationSession:
    """Read a denoiser, with its detail or without; its plants are rendered when they are wanted."""
    recipe = Denoise.from_json(load_checkpoint(path)[1]["denoise"])
    few = {"pairs": min(recipe.pairs, FAMILIAR), "held_out": min(recipe.held_out, GALLERY)}
    plants = open_plants(replace(recipe, **few, batch=2), bank_folder)  # room for these alone
    return GenerationSession(load_stages(path, detail=detail), recipe, plants)


@lru_cache(maxsize=8)
def gallery_of(judge: LoadedEncoder, around: GenerationSession) -> Tensor:
    """h of the gallery's X1."""
    return judge.h(around.held_out.x1)


def denoiser_path(settings: Settings, folder: Path = SHIPPED) -> Path:
    """The denoiser that is asked for.

    Raises:
        PlantEduError: if it is not there; names those that are.
    """
    if not settings.denoiser:
        return shipped_denoiser(folder)
    path = Path(folder) / FOLDER / f"{settings.denoiser}.safetensors"
    known = ", ".join(sorted(p.stem for p in path.parent.glob("*.safetensors"))) or "none"
    require(path.is_file(), f"No denoiser is called {settings.denoiser!r}; there are {known}.")
    return path


def scene_of(
    settings: Settings,
    around: GenerationSession,
    encoder: LoadedEncoder,
    x1: np.ndarray | None,
    x2: np.ndarray | None,
    check: Callable[[], None],
) -> Scene:
    """The plant that is asked for, a stranger or one of the gallery."""
    reference, own = around.held_out, None
    asked, known = f"{settings.encoder}/{settings.layers}", around.recipe.conditions
    require(
        settings.kind == "nothing" or asked in known,
        f"No denoiser here is conditioned on {asked}: this one knows {', '.join(known)}. "
        "Choose one of those, or train one with `python -m plantedu denoise --conditions ...`.",
    )
    if x1 is None and x2 is None:
        own = settings.plant
        require(
            0 <= own < len(reference),
            f"plant is from 0 to {len(reference) - 1} of the gallery; got {own}.",
        )
        x1, x2 = reference.pair(own)
    generator = generator_for(settings.seed, "condition")
    return Scene(encoder, x1, x2, reference, own, generator, check)


def drawing(
    settings: Settings,
    around: GenerationSession,
    given: Given,
    check: Callable[[], None],
    watch: Callable[[int, Tensor], None] | None,
) -> Tensor:
    """Pictures in [0, 1], "place sample channel side side"; the seed alone fixes the noise."""
    return draw(
        around.stages,
        given,
        samples=settings.samples,
        steps=settings.steps,
        sampler=settings.sampler,
        guidance=settings.guidance,
        generator=generator_for(settings.seed, "noise"),
        shared=True,
        check=check,
        watch=watch,
    )


def blank(settings: Settings, around: GenerationSession, check: Callable[[], None]) -> Tensor:
    """Unconditional pictures, from the same noise as the first place's."""
    key = (settings.samples, settings.steps, settings.sampler, settings.seed)
    if (around, key) not in _BLANKS:
        _BLANKS.clear()
        _BLANKS[around, key] = drawing(settings, around, {}, check, None)
    return _BLANKS[around, key]


def novelty_of(
    settings: Settings, around: GenerationSession, encoder: LoadedEncoder, what: Condition
) -> dict[str, float]:
    """How strange a representation is to the denoiser; {} where it is unconditional."""
    if not what.given:
        return {}
    sensors = {name.rsplit("/", 1)[1] for name in what.given}
    known = [
        representations_by_slot(encoder, x1=one, x2=other, layers=settings.layers)
        for one, other in (
            (h.x1 if "rgb" in sensors else None, h.x2 if "rgn" in sensors else None)
            for h in (around.familiar, around.held_out)
        )
    ]
    return knn_novelty(what.given, *known)
