"""One attack set up: plants, network, goal and budget, put together from plain words.

Lesson: 08_attacks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.data.renderer.factors import SENSORS
from plantedu.data.renderer.worlds import world
from plantedu.topics.attacks.attack import LEVELS, Attack, Check
from plantedu.topics.attacks.criteria import GOALS, Goal
from plantedu.topics.attacks.defences import defended
from plantedu.topics.attacks.diagnostics import Alarm, alarms
from plantedu.topics.attacks.embedding_criteria import Assignment, Away, Breakaway, Parting
from plantedu.topics.attacks.family import make
from plantedu.topics.attacks.results.attack_pairs import Settings
from plantedu.topics.attacks.results.names import NAMING
from plantedu.topics.attacks.semantic import Semantic
from plantedu.topics.attacks.threat_model import Budget
from plantedu.training.seeding import generator_for
from plantedu.zoo.model_zoo import CLASSES, ModelZoo, Plot

REFUSED = 0.05  # share of true pairs that the pair verification turns away


@dataclass(frozen=True, eq=False)
class Setup:
    """Everything that an attack needs.

    Attributes:
        views: Clean pairs, uint8, "2 plants 3 height width".
        goal_of: The goal for some rows.
        chance: Share of the largest class.
    """

    plants: np.ndarray
    views: Tensor
    labels: Tensor
    model: nn.Module
    goal_of: Callable[[Tensor], Goal]
    budget: Budget
    attack: Attack
    generator: torch.Generator
    names: bool

    @classmethod
    def of(cls, settings: Settings, bank_folder: Path | None) -> "Setup":
        """What some settings mean, see `results.attack_pairs.Settings`.

        Raises:
            PlantEduError: for words that name nothing here, or a target equal to a label.
        """
        plot, names = Plot(bank_folder), settings.goal in NAMING
        zoo, plants = ModelZoo(plot), plot.fresh(settings.plants)
        views, labels = plot.views(plants), plot.labels(plants)
        if settings.target:  # a plant of that class cannot be called it wrongly
            kept = (labels != CLASSES.index(settings.target)).nonzero().flatten()
            plants, views, labels = plants[kept.numpy()], views[:, kept], labels[kept]
        if settings.goal == "pairing":
            views = torch.stack([views[0], views[1].roll(1, 0)])
        if names:
            model = zoo.namer(settings.network, settings.reads)
        else:
            model = zoo.embedder(settings.network)
        goal_of = _goal(settings, model, views, labels)
        own = generator_for(settings.seed, "defence")
        return cls(
            plants=plants,
            views=views,
            labels=labels,
            model=defended(model, settings.defence, own),
            goal_of=goal_of,
            budget=Budget.on(settings.where, settings.radius, norm=settings.norm),
            attack=_attack(settings, plants, plot),
            generator=generator_for(settings.seed, "attack"),
            names=names,
        )

    @property
    def chance(self) -> float:
        """Share of the largest class; 0 where nothing is named."""
        shares = torch.bincount(self.labels).double() / len(self.labels)
        return float(shares.max()) if self.names else 0.0

    def signs(self, check: Check) -> tuple[Alarm, ...]:
        """The alarms at this budget."""
        return alarms(
            self.model,
            self.views,
            self.goal_of(torch.arange(len(self.labels))),
            self.budget,
            generator=self.generator,
            check=check,
        )

    @torch.no_grad()
    def said(self, pictures: np.ndarray, row: int) -> str:
        """What the model says of one pair: a name, or how alike the two embeddings are."""
        answer = self.model(torch.from_numpy(pictures)[:, None].float() / LEVELS)
        if self.names:
            return CLASSES[int(answer.argmax(1))]
        return f"cos {float((answer[0, 0] * answer[0, 1]).sum()):.2f}"


def _attack(settings: Settings, plants: np.ndarray, plot: Plot) -> Attack:
    if settings.attack != "semantic":
        return make(settings.attack, steps=settings.steps)
    where, values = world(plot.name, plot.seed), settings.steps or 5
    return Semantic(world=where, plants=tuple(plants.tolist()), values=values)


@torch.no_grad()
def _goal(
    settings: Settings, model: Any, views: Tensor, labels: Tensor
) -> Callable[[Tensor], Goal]:
    """The goal of some rows."""
    if settings.goal in NAMING:
        kind = GOALS[settings.goal]
        if not settings.target:
            return lambda rows: kind(labels[rows])
        wanted = torch.full_like(labels, CLASSES.index(settings.target))
        return lambda rows: kind(labels[rows], wanted[rows])
    z = torch.cat([model(part.float() / LEVELS) for part in views.split(64, dim=1)])
    sensor = settings.where if settings.where in SENSORS else SENSORS[0]
    if settings.goal == "away":
        sensors = (sensor,) if settings.where in SENSORS else SENSORS
        return lambda rows: Away(z[rows], sensors)
    if settings.goal == "assignment":
        return lambda rows: Assignment(z[rows], model.prototypes, sensor)
    if settings.goal == "breakaway":
        return lambda rows: Breakaway(z, sensor, places=rows)
    true = z if settings.goal == "parting" else z.roll(-1, 0)
    cosine = (z[:, 0] * true[:, 1]).sum(1)
    threshold = float(cosine.quantile(REFUSED))
    matching = torch.full((len(z),), settings.goal == "parting")
    return lambda rows: Parting(matching[rows], threshold)
