"""Is the attack on this model to be believed? Its alarms, and a hidden success that it must find.

    alarms            signs that an attack failed and not that a model is robust; see
                      `topics/attacks/diagnostics.py`
    positive control  for each picture an adversarial one is planted in the ball; a sound attack
                      finds it. Null: noise of the same size

Source: Carlini et al. 2019, arXiv:1902.06705 [carlini2019]; Zimmermann et al. 2022,
arXiv:2206.13991 [zimmermann2022]. Lesson: 08_attacks.
"""

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError
from plantedu.own.attack import OfPairs
from plantedu.own.examination.asked import Asked
from plantedu.own.finding import Finding
from plantedu.own.heads import scores_of
from plantedu.own.model import Model
from plantedu.statistics.evidence import mean_over_plants
from plantedu.topics.attacks.apgd import APGD
from plantedu.topics.attacks.criteria import Margin
from plantedu.topics.attacks.diagnostics import alarms
from plantedu.topics.attacks.noise import RandomNoise
from plantedu.topics.attacks.positive_control import found
from plantedu.topics.attacks.threat_model import Budget
from plantedu.training.seeding import generator_for

RADIUS = 4 / 255


class Features(nn.Module):
    """h of the first camera of "2 batch 3 height width"."""

    def __init__(self, me: Model) -> None:
        super().__init__()
        self.me, self.reader = me, me.reader
        self.eval()

    def forward(self, views: Tensor) -> Tensor:
        return self.me.differentiable(views[0])


def attack_checks(asked: Asked) -> Finding:
    """Whether APGD finds what is surely there, beside noise; and what rings.

    Args:
        asked: Model and pictures.
    """
    rows = asked.some(4, 16)
    scored = scores_of(asked.me, asked.data, seed=asked.seed)
    labels = scored.logits.argmax(1)[torch.from_numpy(rows)]
    x = torch.from_numpy(asked.x[rows])
    views, budget = torch.stack([x, torch.zeros_like(x)]), Budget.on("rgb", RADIUS)
    steps = 5 if asked.quick else 20
    rung = alarms(
        *(OfPairs(scored.scores, 1).eval(), views, Margin(labels), budget),
        generator=generator_for(asked.seed, "alarms"),
        steps=steps,
        tries=10 if asked.quick else 100,
    )
    notes = [f"Alarm: {one.name}; {one.says}." for one in rung if one.rings]
    notes = notes or ["None of the six alarms of an attack that fails rings."]
    lines = []
    network = Features(asked.me)
    try:
        own, null = (
            found(how, network, views, budget, generator=generator_for(asked.seed, "control"))
            for how in (APGD(steps=steps), RandomNoise())
        )
        line = mean_over_plants(
            "In what share of the pictures does the attack find the success that is hidden there?",
            own.reached.astype(float),
            float(null.reached.mean()),
            "noise of the same size",
            kind="share",
        )
        lines = [("APGD, hidden success", line)]
    except PlantEduError as error:
        notes.append(f"No positive control: {error}")
    return Finding(
        title="Is a failed attack on this model to be believed?",
        unit="share found",
        lines=tuple(lines),
        notes=tuple(notes),
        settings={"n": len(rows), "radius": RADIUS, "steps": steps},
    )
