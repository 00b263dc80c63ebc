"""How easily one's own model is fooled: an attack beside noise of the same size.

    share fooled   of the pictures that were answered correctly (or at all, without labels), how
                   many answers an attack changes inside the ball
    null           one draw of noise of the same size, at the corners of the same ball

A picture that noise ruins is not robust, but nobody attacked it. An attack that fails proves
nothing by itself: the notes say when its slopes were zero.

Source: Madry et al. 2018, arXiv:1706.06083 [madry2018]; Croce & Hein 2020, arXiv:2003.01690
[croce2020]. Lesson: 08_attacks.
"""

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.own.finding import NO_NULL, Finding
from plantedu.own.heads import Scored, scores_of
from plantedu.own.images import Images
from plantedu.own.images import images as images_of
from plantedu.own.model import Model, Pictures, model
from plantedu.statistics.evidence import mean_over_plants
from plantedu.topics.attacks.attack import Attacked
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.family import make
from plantedu.topics.attacks.threat_model import Budget
from plantedu.training.seeding import generator_for

NOT_HERE = ("semantic", "physical")  # they change a rendered plant, or its light, not any picture


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class AttackFinding(Finding):
    """The numbers, and the attacked pictures.

    Attributes:
        attacked: Of the pictures that were answered correctly; `pictures` are theirs.
    """

    attacked: Attacked

    @property
    def pictures(self) -> np.ndarray:
        """Attacked pictures, uint8, "n 3 height width" (the first camera's)."""
        return self.attacked.x1


class OfPairs(nn.Module):
    """Scores as a network of "2 batch 3 height width"; one camera's look at the first alone."""

    def __init__(self, scores: nn.Module, cameras: int) -> None:
        super().__init__()
        self.scores, self.cameras = scores, cameras

    def forward(self, views: Tensor) -> Tensor:
        return self.scores(*views[: self.cameras])


def attack(
    me: Model | str,
    data: Images | Pictures,
    name: str = "apgd",
    *,
    radius: float = 4 / 255,
    norm: str = "linf",
    steps: int = 0,
    seed: int = 0,
    fitted_on: Images | None = None,
    null: bool = True,
) -> AttackFinding:
    """Attack one's own model on one's own pictures, beside noise of the same size.

    Args:
        me: A model, or words that name one. Without a head of its own, a linear head is fitted on
            frozen h from the labels.
        data: Pictures; with labels, those that are answered correctly are attacked.
        name: fgsm, pgd, apgd, square, minimum, eot or noise.
        radius: Of the ball, a share of the full range of the stored pictures, before any
            normalisation; 4/255 are four grey levels.
        norm: linf, or l2 (radius is then a root mean square over values).
        steps: Of the attack; 0 is its own default.
        seed: Draws starts and noise.
        fitted_on: Labelled pictures for a linear head, where there are more than `data`.
        null: False gives the share alone, in `bare`: no noise, no interval.

    Returns:
        Share of answers that the attack changes, with a 95 % interval over pictures, beside the
        share that noise changes.

    Raises:
        PlantEduError: for an attack that is not there or needs a rendered plant, a radius outside
            [0, 1], or a model that answers no picture correctly.

    Source: Croce & Hein 2020, arXiv:2003.01690 [croce2020]. Lesson: 08_attacks.
    """
    began, me = time.perf_counter(), model(me)
    require(name not in NOT_HERE, f"{name} changes a rendered plant, and these are pictures.")
    how, noise = make(name, steps=steps), make("noise")
    budget = Budget.on("rgb" if me.cameras == 1 else "both", radius, norm=norm)
    data = data if isinstance(data, Images) else images_of(data, size=me.side)  # type: ignore[arg-type]
    data.require_varied()
    scored = scores_of(me, data, seed=seed, fitted_on=fitted_on)
    rows, labels = _answered(scored, data)
    require(
        len(rows) >= 2,
        f"{me.name} answers {len(rows) or 'no'} picture correctly, and an interval needs two to "
        "attack: give more pictures, or none of the labels to attack every answer.",
    )
    views = _views(data[rows], me.cameras)
    network = OfPairs(scored.scores, me.cameras).eval()
    goal = Margin(labels)
    found, *beside = (
        one(network, views, goal, budget, generator=generator_for(seed, f"own {word}"))
        for word, one in (("attack", how), ("noise", noise))[: 2 if null else 1]
    )
    lines = [
        mean_over_plants(
            f"Which share of {me.name}'s answers does {name} change at {radius * 255:.3g} grey "
            "levels?",
            found.reached.astype(float),
            float(one.reached.mean()),
            f"noise of the same size ({norm})",
            kind="share",
        )
        for one in beside
    ]
    right = f"{len(rows)} of {len(data)} pictures were answered correctly"
    kept = right if scored.follows else f"all {len(data)} answers were attacked: no labels fit them"
    return AttackFinding(
        title=f"How easily is {me.name} fooled, by {scored.scores.says}?",
        unit=f"share of answers changed within {radius * 255:.3g} grey levels",
        lines=tuple((name, line) for line in lines),
        bare={} if null else {name: float(found.reached.mean())},
        notes=(f"{kept}.", *found.notes, *(() if null else (NO_NULL,))),
        settings={"attack": name, "radius": radius, "norm": norm, "steps": steps, "seed": seed},
        seconds=time.perf_counter() - began,
        attacked=found,
    )


def _answered(scored: Scored, data: Images) -> tuple[np.ndarray, Tensor]:
    """Rows to attack, and what each is answered now."""
    said = scored.logits.argmax(1)
    if not scored.follows:
        return np.arange(len(data)), said
    rows = (said == torch.as_tensor(data.labels)).numpy().nonzero()[0]
    return rows, said[torch.as_tensor(rows)]


def _views(data: Images, cameras: int) -> Tensor:
    """uint8 "2 n 3 height width"; a second camera that is not there is black, and left alone."""
    if cameras == 2:
        return data.views(2)
    first = data.views(1)
    return torch.stack([first, torch.zeros_like(first)])
