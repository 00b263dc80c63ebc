"""Code exercises of lesson 09: integrated gradients, and the randomisation test of a method.

Lesson: 09_attribution. The package's own versions are captum's (topics/attribution/methods.py) and
topics/attribution/randomisation.py.
"""

import copy
from collections.abc import Callable

import torch

from plantedu.exercises import checks_09 as checks
from plantedu.exercises.exercise import Exercise

LESSON = "09_attribution"


def integrated_gradients(
    score: Callable[[torch.Tensor], torch.Tensor],
    x: torch.Tensor,
    reference: torch.Tensor,
    *,
    steps: int,
) -> torch.Tensor:
    """Each number's share of the score, from a reference picture to the picture.

        a = (x - x') mean over k of ds/dx at x' + t_k (x - x'),   t_k = (k + 1/2) / steps

    with k = 0, ..., steps - 1: the middles of equal steps on the straight path from x' to x. With
    enough steps the shares of a plant sum to s(x) - s(x') (completeness).

    Args:
        score: s: takes pictures and gives one number for each, "plants", in torch.
        x: The pictures, the plant first, "plants ...", floating.
        reference: x', of the same shape.
        steps: Points of the path.

    Returns:
        The shares, of the shape of x, with their sign.

    Source: Sundararajan et al. 2017, arXiv:1703.01365 [sundararajan2017].
    """
    total = torch.zeros_like(x)
    for k in range(steps):
        t = (k + 0.5) / steps
        point = (reference + t * (x - reference)).detach().requires_grad_()
        (slope,) = torch.autograd.grad(score(point).sum(), point)
        total = total + slope
    return (x - reference) * total / steps


def randomised_likeness(
    explain: Callable[[torch.nn.Module, torch.Tensor], torch.Tensor],
    trained: torch.nn.Module,
    fresh: torch.nn.Module,
    x: torch.Tensor,
) -> torch.Tensor:
    """How alike a method's maps stay to themselves while the network loses what it learned.

    The stages of a network are its direct children (`named_children`), the last one on top. From
    the top down, a copy of the trained network gets stage after stage from `fresh`, weights and
    batch-norm statistics; stages that are random stay random. After each, the maps are made again.

        correlation = Spearman's rho of |map| before and after, over the pixels of one plant

    Spearman's rho is the correlation of ranks; pixels that are equal share the mean of their ranks.
    Where a map is flat it is 0.

    Args:
        explain: Takes a network and pictures and gives maps, "plants height width".
        trained: The network.
        fresh: Another one of the same architecture, with random weights.
        x: Pictures, the plant first.

    Returns:
        Likeness at each stage, the topmost first, "stages plants", floating. Both networks stay as
        they are.

    Source: Adebayo et al. 2018, arXiv:1810.03292 [adebayo2018].
    """

    def ranks(maps: torch.Tensor) -> torch.Tensor:
        """For each pixel: how many are smaller, less how many are larger."""
        flat = maps.detach().abs().flatten(1).double()
        return torch.sign(flat[:, :, None] - flat[:, None, :]).sum(dim=2)

    twin, before, rows = copy.deepcopy(trained), ranks(explain(trained, x)), []
    for name, stage in reversed(list(twin.named_children())):
        stage.load_state_dict(getattr(fresh, name).state_dict())
        after = ranks(explain(twin, x))
        rows.append(torch.cosine_similarity(before, after, dim=1))
    return torch.stack(rows)


EXERCISES = (
    Exercise(
        key="09.5",
        title="Integrated gradients",
        lesson=LESSON,
        reference=integrated_gradients,
        checks=(
            checks.straight_line,
            checks.curved,
            checks.complete,
            checks.neighbours_do_not_matter,
        ),
        mistakes={
            "not divided": "The integral is a mean over the path. Summed and not divided, the map "
            "grows with the number of steps.",
            "the slope alone": "This is the mean slope on the path. A share is the slope times how "
            "far that number has moved, x - x'.",
            "sign lost": "Shares have a sign: some numbers pull the score down. With absolute "
            "values the map no longer sums to anything.",
            "slope at the input alone": "One slope at the end of the path: where the score has "
            "flattened it is 0, though the picture raised it. The path is what is new here.",
            "times the input": "Multiply by x - x', not by x: else the reference is black in the "
            "factor and something else on the path, and the map is complete for neither.",
            "path from zero": "The path begins at the reference. From zero it passes through "
            "pictures that have nothing to do with it.",
            "ends, not middles": "Points at the ends of the steps lean to one side. Middles need "
            "far fewer steps for the same sum.",
            "slope through the path": "You took the slope with respect to x through x' + t (x - "
            "x'), which multiplies it by t. Take it at the point of the path.",
            "slopes pile up": "backward() adds to .grad, so every slope has those before it in it. "
            "Make a new point each time, or use torch.autograd.grad.",
            "mean over the plants": "The slope of the mean score of a batch is smaller for a "
            "larger batch. Sum the scores: plants do not share pixels.",
        },
    ),
    Exercise(
        key="09.6",
        title="A randomisation test",
        lesson=LESSON,
        reference=randomised_likeness,
        checks=(
            checks.stages_from_the_top,
            checks.by_the_ranks_of_sizes,
            checks.flat_and_tied_maps,
        ),
        mistakes={
            "the trained network is changed": "Work on a copy.deepcopy: who called still wants the "
            "network that was trained.",
            "from the bottom up": "The cascade begins at the head. With the stem random first, "
            "all that stands above it reads noise from the first step on.",
            "one stage at a time": "Stages that are random stay random. One at a time is another "
            "test: the layers above and below may carry the map.",
            "statistics stay": "Batch norms also remember means and variances of what training "
            "showed them. They are no parameters: copy the state_dict.",
            "Pearson's correlation": "Pearson's follows the few largest pixels. Maps of other "
            "networks have another scale; ranks do not mind.",
            "sign kept": "What is graded is how large a share is. A map that only changed its sign "
            "points at the same pixels.",
            "the stage before": "Each map is held beside that of the trained network, not beside "
            "the one before: small steps can lead far.",
            "flat maps are NaN": "A map that is 0 everywhere says nothing, so nothing is alike: "
            "give 0. A NaN makes the mean over plants NaN too.",
            "ties by place": "Pixels that are equal have no order. Ranked by place, two maps with "
            "many zeros look alike because their zeros stand in the same file order.",
        },
    ),
)
