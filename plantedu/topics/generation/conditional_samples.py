"""Samples of a condition: which encoder says what of which plants, drawn once and kept on disk.

A condition names an encoder, a layer and the sensors whose pictures it is given. The same seed
gives the same noise for every condition, so that two conditions can be compared sample by sample.
Samples are kept as uint8 under the hash of the denoiser's weights and of all that was asked for.

Lesson: 05_generation.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor

from plantedu.data.evaluation_set import held_out_rows, require_unseen
from plantedu.data.render_cache import Bank
from plantedu.data.renderer.factors import SENSORS
from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, world
from plantedu.errors import require
from plantedu.models.denoiser import Denoiser
from plantedu.models.denoiser_body import Slot
from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.denoisers import learnt_by, load_denoiser, shipped_denoiser
from plantedu.topics.generation.results.conditioning import Conditioning
from plantedu.topics.generation.sampling import sample
from plantedu.topics.generation.variance_components import pictures_of
from plantedu.topics.method import Context
from plantedu.training.checkpoints import tensors_hash
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.whole_files import keep_arrays, read_arrays
from plantedu.zoo.encoders import LoadedEncoder, conditioning_encoder

WORLD, HELD_OUT = "field", 1024  # plants that neither encoder nor denoiser has seen
AT_ONCE = 32  # samples in a call
Do = Mapping[str, float | str]  # factors set by hand
_OPEN: dict[str, LoadedEncoder] = {}


class How(Protocol):
    """Settings of whatever draws samples."""

    @property
    def steps(self) -> int: ...
    @property
    def sampler(self) -> str: ...
    @property
    def seed(self) -> int: ...


class Draws(Protocol):
    """Who draws samples: a `ConditionalSampler`, or a fake one with a known answer."""

    @property
    def world(self) -> World: ...
    @property
    def gallery(self) -> np.ndarray: ...
    @property
    def trained(self) -> np.ndarray: ...
    def pairs(self, plants: np.ndarray) -> Tensor: ...
    def again(self, *, sampler: str, steps: int) -> "Draws": ...
    def sources(self, plants: int) -> np.ndarray: ...
    def draw(
        self,
        conditioning: Conditioning,
        first: np.ndarray,
        second: np.ndarray | None = None,
        *,
        samples: int,
        do: Do | None = None,
    ) -> Tensor: ...
    def free(self, pictures: int) -> Tensor: ...
    def phi(self, conditioning: Conditioning) -> Callable[[np.ndarray, np.ndarray], Tensor]: ...


@dataclass(frozen=True, eq=False)
class ConditionalSampler:
    """A denoiser, the plants to tell it of, and where its samples are kept.

    Attributes:
        path: The denoiser's file.
        bank_folder: Where rendered pairs are kept.
        folder: Where samples are kept; None keeps none.
        steps, sampler: How samples are drawn.
        seed: Of the noise.
        check: Called between calls of the network; may raise to stop.
        tell: Called with what is being drawn and the share that is done.
    """

    path: Path
    bank_folder: Path
    folder: Path | None = None
    steps: int = 8
    sampler: str = "euler"
    seed: int = 0
    check: Callable[[], None] = lambda: None
    tell: Callable[[str, float], None] = lambda what, share: None

    @classmethod
    def at(
        cls,
        home: Path,
        settings: How,
        *,
        path: Path | None = None,
        check: Callable[[], None] = lambda: None,
        tell: Callable[[str, float], None] = lambda what, share: None,
    ) -> "ConditionalSampler":
        """The sampler of a command or a page.

        Raises:
            PlantEduError: if no denoiser ships and none is named.
        """
        how = {"steps": settings.steps, "sampler": settings.sampler, "seed": settings.seed}
        file = path or shipped_denoiser()
        return cls(file, home / "bank", home / "samples", **how, check=check, tell=tell)

    @classmethod
    def in_context(
        cls, context: Context, settings: How, path: Path | None = None
    ) -> "ConditionalSampler":
        """The sampler of a method that runs in a terminal, where it shows how far it is, or for a
        page; raises as `at`.
        """
        silent = context.work is not None
        tell = (lambda what, share: None) if silent else progress
        return cls.at(context.home, settings, path=path, check=context.check, tell=tell)

    @cached_property
    def denoiser(self) -> Denoiser:
        """The network that draws."""
        return load_denoiser(self.path)

    def again(self, *, sampler: str, steps: int) -> "ConditionalSampler":
        """The same plants and noise with another sampler or number of steps."""
        other = replace(self, sampler=sampler, steps=steps)
        for known in ("denoiser", "_recipe", "bank", "_digest"):
            other.__dict__[known] = getattr(self, known)
        return other

    @cached_property
    def _digest(self) -> str:
        return tensors_hash(self.denoiser.state_dict())

    @property
    def world(self) -> World:
        """Where the plants are drawn."""
        return world(WORLD, 0)

    @cached_property
    def bank(self) -> Bank:
        """Pictures at the denoiser's side."""
        ends = max(int(self.trained[-1]) + 1, int(self.gallery[-1]) + 1)
        return Bank(self.world, pairs=ends, size=self.denoiser.side, folder=self.bank_folder)

    @cached_property
    def _recipe(self) -> Denoise:
        return learnt_by(self.path)

    @property
    def trained(self) -> np.ndarray:
        """Plants that the denoiser was trained on; of one with detail, that its network was."""
        return np.arange(self._recipe.first, self._recipe.first + self._recipe.pairs)

    @property
    def gallery(self) -> np.ndarray:
        """Plants that nobody has seen, 1,024."""
        return held_out_rows(HELD_OUT)

    def pairs(self, plants: np.ndarray) -> Tensor:
        """Pairs of plants in [0, 1], "plants 6 side side"."""
        return pictures_of(*self.bank.take(plants))

    def sources(self, plants: int) -> np.ndarray:
        """Some of them, drawn at random; more plants begin with the same ones.

        Raises:
            PlantEduError: for more than there are, or fewer than 8.
        """
        good = 8 <= plants <= HELD_OUT
        require(good, f"Sources are 8 to {HELD_OUT} of the held-out plants; got {plants}.")
        order = numpy_generator_for(0, "sources").permutation(self.gallery)
        return order[:plants]

    def given(
        self, conditioning: Conditioning, first: np.ndarray, second: np.ndarray | None = None
    ) -> dict[str, Tensor]:
        """Representations by slot: X1 of the plants `first`, X2 of `second` (the same by default).

        Raises:
            PlantEduError: for an encoder without a slot in this denoiser, or one that was trained
                on these plants.
        """
        require_unseen(encoder_named(conditioning.encoder), self.world, first)
        x1, x2 = self.bank.take(first)[0], self.bank.take(first if second is None else second)[1]
        return self.said(conditioning, x1, x2)

    def said(self, conditioning: Conditioning, x1: np.ndarray, x2: np.ndarray) -> dict[str, Tensor]:
        """Representations of pictures by slot, uint8 or in [0, 1], "n 3 side side"."""
        found = {}
        for sensor, pictures in zip(SENSORS, (x1, x2), strict=True):
            if sensor in conditioning.sensors:
                slot = f"{conditioning.encoder}/{conditioning.layer}/{sensor}"
                known = sorted({name.rpartition("/")[0] for name in self.denoiser.slots})
                require(
                    slot in self.denoiser.slots,
                    f"This denoiser was not trained with {conditioning.name}; it knows "
                    f"{', '.join(known)}.",
                )
                found[slot] = encoder_named(conditioning.encoder).of(pictures, conditioning.layer)
        return found

    def phi(self, conditioning: Conditioning) -> Callable[[np.ndarray, np.ndarray], Tensor]:
        """What the network makes of pictures: numbers of variance 1, as they enter its slots."""

        def numbers(x1: np.ndarray, x2: np.ndarray) -> Tensor:
            slots = cast(Mapping[str, Slot], self.denoiser.body.slots)
            said = self.said(conditioning, x1, x2)
            return torch.cat([slots[k].entering(h) for k, h in said.items()], 1)

        return numbers

    def draw(
        self,
        conditioning: Conditioning,
        first: np.ndarray,
        second: np.ndarray | None = None,
        *,
        samples: int,
        do: Do | None = None,
    ) -> Tensor:
        """Samples of each plant's condition, "plants samples 6 side side" in [0, 1].

        Args:
            conditioning: Whose representation of which pictures.
            first: Whose X1.
            second: Whose X2; the same plants by default.
            samples: Of each.
            do: Factors that are set by hand in the pictures of `first`, both of them.
        """
        # "told" stays in the key: samples that are kept already are found by it
        key = {"told": asdict(conditioning), "first": first.tolist(), "samples": samples}
        key["second"] = None if second is None else second.tolist()
        if do:
            require(second is None, "do() is for pictures of one set of plants.")
            key["do"] = dict(do)
            seen = render(self.world, first, size=self.denoiser.side, do=do)
            given = self.said(conditioning, seen.x1, seen.x2)
        else:
            given = self.given(conditioning, first, second)
        return self._kept(key, lambda: self._drawn(conditioning.name, given, len(first), samples))

    def free(self, pictures: int) -> Tensor:
        """Samples of the unconditional denoiser, "pictures 6 side side"."""
        drawn = self._kept({"free": pictures}, lambda: self._drawn("nothing", {}, 1, pictures))
        return drawn[0]

    def _drawn(self, what: str, given: dict[str, Tensor], plants: int, samples: int) -> Tensor:
        """Draw in small calls: each call's noise depends on the seed and its place alone."""
        rows = max(AT_ONCE // samples, 1)
        each = min(samples, AT_ONCE)
        parts = []
        for start in range(0, plants, rows):
            self.tell(what, start / plants)
            inside = {name: r[start : start + rows] for name, r in given.items()}
            found = [
                sample(
                    self.denoiser,
                    inside,
                    samples=min(each, samples - k),
                    steps=self.steps,
                    sampler=self.sampler,
                    generator=generator_for(self.seed, f"samples of {start}", k),
                    check=self.check,
                )
                for k in range(0, samples, each)
            ]
            parts.append(torch.cat(found, 1))
        return torch.cat(parts)

    def _kept(self, key: dict[str, object], draw: Callable[[], Tensor]) -> Tensor:
        """Samples from disk, or drawn and written; either way as a picture file would hold them."""
        how = {"steps": self.steps, "sampler": self.sampler, "seed": self.seed}
        words = json.dumps(key | how | {"file": self._digest}, sort_keys=True)
        name = hashlib.sha256(words.encode()).hexdigest()[:24]
        file = None if self.folder is None else Path(self.folder) / f"{name}.npz"
        found = None if file is None else read_arrays(file, ("samples",))
        if found is None:
            found = {"samples": (draw() * 255).round().to(torch.uint8).numpy()}
            if file is not None:
                keep_arrays(file, found)
        return torch.from_numpy(found["samples"]).float() / 255


def encoder_named(name: str) -> LoadedEncoder:
    """A frozen encoder by its name, as a denoiser is conditioned on it, loaded once."""
    if name not in _OPEN:
        _OPEN[name] = conditioning_encoder(name)
    return _OPEN[name]


def progress(what: str, share: float) -> None:
    """Say in the terminal how far the drawing is."""
    print(f"\r{what}: {share:.0%} drawn ", end="", file=sys.stderr, flush=True)
