"""One request for maps, put together from plain words.

Lesson: 09_attribution.
"""

from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import torch

from plantedu.data.renderer.factors import SENSORS
from plantedu.topics.attribution.baselines import baseline
from plantedu.topics.attribution.methods import Attribution, method
from plantedu.topics.attribution.metrics import grade
from plantedu.topics.attribution.networks import DISEASES, Networks, Plants, twins
from plantedu.topics.attribution.own_pairs import save_maps
from plantedu.topics.attribution.pair import PairBatch, reference
from plantedu.topics.attribution.pictures import address, heat, plain, scaled
from plantedu.topics.attribution.report import DISEASE, SOIL
from plantedu.topics.attribution.results.attribute import MappedPlant, Settings
from plantedu.topics.attribution.results.names import BASELINES, CUES
from plantedu.topics.attribution.targets import Scored
from plantedu.topics.attribution.truth import Effects, batch_of, effects
from plantedu.training.seeding import generator_for

COLOURS = 96  # of a picture in a result


@cache
def _networks(bank_folder: Path | None) -> Networks:
    """Networks stay loaded in a worker."""
    return Networks(bank_folder)


class MapRun:
    """A network, fresh plants and a score; see `results.attribute.Settings`."""

    def __init__(self, settings: Settings, bank_folder: Path | None) -> None:
        self.settings = settings
        self.networks = _networks(bank_folder)
        own = twins(settings.network)
        self.plants = Plants(own, "" if own else DISEASE, settings.plants)
        self.scored.target(self.target)

    @cached_property
    def scored(self) -> Scored:
        return self.networks.scored(self.settings.network, self.settings.target)

    @cached_property
    def target(self) -> int:
        """The output asked for, or the one that is meant by none."""
        s = self.settings
        if s.output >= 0 or s.target == "similarity":
            return max(s.output, 0)
        if s.target == "class":
            return 1 if twins(s.network) else DISEASES.index(DISEASE)
        with torch.no_grad():
            return int(self.scored(*self.plants.batch.rows(slice(0, 1)).both).argmax(1))

    @property
    def output(self) -> str:
        """What the score is called."""
        kind, names = self.settings.target, self.scored.names
        return f"{kind} {self.target}" + (f", {names[self.target]}" if names else "")

    def maps(self, check: Callable[[], None], *, control: int = 0) -> Attribution:
        """Maps of every plant; of the random-init network `control`, where it is not 0."""
        s = self.settings
        scored = self.networks.scored(s.network, s.target, control=control)
        how = method(s.method, **s.knobs)
        generator = generator_for(s.seed, "attribute")
        return how(scored, self.plants.batch, self.target, generator=generator, check=check)

    def masses(
        self, found: Attribution, controls: list[Attribution]
    ) -> dict[str, dict[str, tuple[np.ndarray, float]]]:
        """By cue and line: mass in the cue's mask by plant, and its null."""
        plants, lines = self.plants, {}
        for cue in CUES:
            mask = plants.masks[cue]
            null = float(np.mean([grade("mass", one.relevance, mask) for one in controls]))
            lines[cue] = {self.settings.method: (grade("mass", found.relevance, mask), null)}
            for name in BASELINES:
                r = baseline(name, plants.views, plants.leaf)
                lines[cue][name] = (grade("mass", r, mask), null)
        return lines

    def effects(self) -> dict[str, Effects]:
        """What do() does to the score, by cue, and of soil."""
        soil = batch_of(self.plants.after(SOIL))
        after = {**self.plants.without, "soil": soil}
        batch, target = self.plants.batch, self.target
        return {name: effects(self.scored, batch, x, target) for name, x in after.items()}

    def span(self) -> float:
        """Mean |s(x) - s(reference)|, which a complete map adds up to."""
        first, second = reference(self.plants.batch, self.settings.reference)
        filled = PairBatch(first, second)
        moved = effects(self.scored, self.plants.batch, filled, self.target)
        return float(np.abs(moved.effect).mean())

    def shown(
        self, found: Attribution, control: Attribution, moved: dict[str, Effects], many: int
    ) -> tuple[MappedPlant, ...]:
        """Some plants in pictures, with the outline of both cues."""
        plants = self.plants
        with torch.no_grad():
            scores = self.scored(*plants.batch.rows(slice(0, many)).both)[:, self.target].tolist()
        maps = {"map": scaled(found.relevance), "random": scaled(control.relevance)}
        masks = plants.masks["lesions"] | plants.masks["mark"]
        shown = []
        for k, score in enumerate(scores):
            pictures = {}
            for s, sensor in enumerate(SENSORS):
                view, mask = plants.views[s, k], masks[s, k]
                pictures[sensor] = address(plain(view), colours=COLOURS)
                for name, relevance in maps.items():
                    seen = heat(relevance[s, k], view, mask)
                    pictures[f"{sensor} {name}"] = address(seen, colours=COLOURS)
            without = {cue: score - float(moved[cue].effect[k]) for cue in CUES}
            shown.append(MappedPlant(plants.pairs.plants[k], score, without, pictures))
        return tuple(shown)

    def save(self, path: Path, found: Attribution) -> None:
        """Maps and pictures as a .npz file.

        Raises:
            PlantEduError: where it cannot be written.
        """
        save_maps(path, self.plants.batch, found)
