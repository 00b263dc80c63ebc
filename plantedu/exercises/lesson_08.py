"""Code exercises of lesson 08: one step of PGD as a file holds it, APGD's halving of steps.

Lesson: 08_attacks. The package's own versions are, in topics/attacks, gradient.py, threat_model.py
and apgd.py.
"""

import math
from collections.abc import Callable

import numpy as np
import torch

from plantedu.exercises import checks_08 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "08_attacks"


def pgd_step(
    loss: Callable[[torch.Tensor], torch.Tensor],
    clean: torch.Tensor,
    delta: torch.Tensor,
    *,
    radius: float,
    step: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """One step of projected gradient descent, and the picture that a file would hold after it.

        delta' = delta + step sign(slope of the loss at clean + delta),
                 put back into |delta'| <= radius and 0 <= clean + delta' <= 1

    The loss goes up: it is the attacker's. delta' is not rounded, so that small steps add up. The
    picture is: its change is a whole number of grey levels (1/255), the one nearest to delta' among
    those that lie in the ball, and the picture lies in [0, 1].

    Args:
        loss: Takes pictures and gives one number for each, "pictures", in torch.
        clean: Pictures as files hold them, "pictures 3 height width", float32, multiples of 1/255.
        delta: The change so far, inside the ball, of the same shape.
        radius: Largest change of any value, a share of the full range.
        step: Length of a step, a share of the full range.

    Returns:
        delta' and the picture, both of the shape of `clean`, float32, without a gradient.

    Source: Madry et al. 2018, arXiv:1706.06083 [madry2018].
    """
    x = (clean + delta).detach().requires_grad_()
    (slope,) = torch.autograd.grad(loss(x).sum(), x)
    delta = (delta + step * slope.sign()).clamp(-radius, radius)
    delta = (clean + delta).clamp(0, 1) - clean
    most = math.floor(255 * radius + 1e-3)  # whole levels in the ball; 8/255 * 255 may be 7.999999
    levels = (255 * delta).round().clamp(-most, most)
    return delta, (clean + levels / 255).clamp(0, 1)


def halve_steps(
    step: np.ndarray, losses: np.ndarray, best: np.ndarray, halved: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """APGD's rule at a checkpoint: which plants go on with half of their step.

    A plant's step is halved, if one of the two holds:

        1. since the last checkpoint its loss rose in fewer than 3/4 of the steps
           (a step rises, if the loss after it is larger than the loss just before it)
        2. its step was not halved at the last checkpoint, and its best loss is no better than then

    Args:
        step: Length of each plant's step, "plants".
        losses: Loss at the last checkpoint, then after each step since, "plants steps+1".
        best: Best loss that each plant had reached by the last checkpoint, "plants"; with "halved"
            and older steps it may be more than the first of `losses`.
        halved: Whether the step was halved at the last checkpoint, bool, "plants".

    Returns:
        The new step, the best loss by now, and whether the step was halved now, "plants" each.

    Source: Croce & Hein 2020, arXiv:2003.01690 [croce2020].
    """
    rises = (losses[:, 1:] > losses[:, :-1]).sum(axis=1)
    now = np.maximum(best, losses.max(axis=1))
    rare = rises < 0.75 * (losses.shape[1] - 1)
    stalled = ~halved & (now <= best)
    halve = rare | stalled
    return np.where(halve, step / 2, step), now, halve


EXERCISES = (
    Exercise(
        key="08.5",
        title="One step of PGD, as a file holds it",
        lesson=LESSON,
        reference=pgd_step,
        checks=(
            checks.first_step,
            checks.stays_in_the_ball,
            checks.black_and_white_places,
            checks.small_steps_add_up,
            checks.slope_is_taken_here,
            checks.slope_is_fresh,
        ),
        mistakes={
            "down the slope": "This step makes the loss smaller: it trains the picture to be "
            "classified correctly. The attacker goes up.",
            "the slope itself": "In a ball of largest changes the steepest step follows the sign: "
            "every value may use the whole step. The slope itself hardly moves flat places.",
            "divided by the length": "This is the step for a ball of euclidean length. Where every "
            "value has its own limit, it leaves most of the ball unused.",
            "ball around the last point": "The ball lies around the clean picture. Measured from "
            "the point before, ten steps are ten times as far away.",
            "rounded out of the ball": "2.6 levels round to 3, outside of the ball. Round, then "
            "keep to the whole levels inside: other code will check the file.",
            "leaves [0, 1]": "A value below 0 or above 1 is no picture: a file would cut it off, "
            "and the change that was reported is not the one that the model sees.",
            "the change is rounded": "Half a level rounds to nothing, so that small steps never "
            "move. Round the picture, and go on from the change as it is.",
            "begins anew": "The step has to be added to the change so far.",
            "cut off": "Cutting off the part behind the point is not rounding: 4.7 levels become "
            "4, and the attack is weaker than its budget.",
            "slope at the clean picture": "The slope changes on the way. Taken at the clean "
            "picture each time, many steps are one long step.",
            "slopes pile up": "backward() adds to .grad. The second slope has the first one in it; "
            "set it to None, or use torch.autograd.grad.",
        },
    ),
    Exercise(
        key="08.6",
        title="When APGD halves its step",
        lesson=LESSON,
        reference=halve_steps,
        checks=(checks.climbing_and_falling, checks.case_by_case, checks.many_plants),
        mistakes={
            "at most three quarters": "Three of four is enough: the step is halved if fewer rise.",
            "standing still is climbing": "A loss that stays is no rise. A saturated loss stays "
            "for ever, and the step would never shrink.",
            "climbs counted from the start": "A rise is counted from the step before. From the "
            "checkpoint's loss, one lucky jump makes all that follow rises.",
            "climbs counted from the best": "A rise is counted from the step before, not from the "
            "best so far: that is what the second rule asks.",
            "the best alone": "Rule 1 is missing: a walk that jumps across its hill finds a new "
            "best now and then, and still its step is too long.",
            "climbs alone": "Rule 2 is missing: a walk can climb in most steps and stay below "
            "where it has been.",
            "both at once": "One of the two is enough.",
            "the last halving forgotten": "After a halving the walk goes back to its best, and "
            "needs one stretch to beat it. Rule 2 does not hold right after one.",
            "an older best forgotten": "The best of the walk may be older than this stretch: keep "
            "the larger of both.",
            "halved for good": "The flag says whether the step was halved now. If it stays on, "
            "rule 2 is off for ever.",
            "one step for all": "Every plant has its own step. With one for the batch, the answer "
            "for a plant depends on its neighbours.",
        },
    ),
)
