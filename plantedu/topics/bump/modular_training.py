"""Train modular addition, with its two controls at its side: full batch, AdamW, float32.

    decay      the network, with weight decay
    no_decay   the same first weights and pairs, weight decay 0
    shuffled   the same, with shuffled answers: nothing is there to understand

The arms stand in one objective whose loss is the sum of theirs. They share no weight and AdamW
moves each weight by its own gradient alone, so each ends where it would have ended by itself.

Source: Power et al. 2022, arXiv:2201.02177 [power2022]. Lesson: 03_bump.
"""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.topics.bump.modular_network import ModularAdder, Sums, SumsLoss, all_sums
from plantedu.topics.bump.results.grokking import ARMS, Adding
from plantedu.training.fit import Measure, Observer, State, fit
from plantedu.training.seeding import generator_for


def split_sums(settings: Adding, *, shuffled: bool = False) -> tuple[Sums, Sums]:
    """Training and test pairs of a seed; with `shuffled` their answers are shuffled."""
    sums = all_sums(settings.prime)
    order = torch.randperm(len(sums), generator=generator_for(settings.seed, "pairs"))
    if shuffled:
        places = torch.randperm(len(sums), generator=generator_for(settings.seed, "answers"))
        sums = Sums(sums.a, sums.b, sums.answers[places])
    train = round(settings.share * len(sums))
    return sums[order[:train]], sums[order[train:]]


class Adders(nn.Module):
    """The arms side by side."""

    def __init__(self, settings: Adding, arms: Sequence[str] = ARMS) -> None:
        super().__init__()
        sizes = {"width": settings.width, "hidden": settings.hidden, "seed": settings.seed}
        self.arms = nn.ModuleDict({arm: ModularAdder(settings.prime, **sizes) for arm in arms})

    def loss(self, batch: Mapping[str, Sums]) -> SumsLoss:
        """Sum of the arms' losses; each arm's own loss and accuracy as parts."""
        losses = {name: arm.loss(batch[name]) for name, arm in self.arms.items()}  # type: ignore[operator]
        parts: dict[str, Tensor] = {}
        for name, one in losses.items():
            parts[f"{name}/loss/train"] = one.total.detach()
            parts[f"{name}/accuracy/train"] = one.parts["accuracy"]
        return SumsLoss(torch.stack([one.total for one in losses.values()]).sum(), parts)


class Examiner(Observer):
    """Loss and accuracy of every arm on its test pairs, its Fourier share and its weight norm."""

    def __init__(self, tests: Mapping[str, Sums], *, every: int) -> None:
        self.tests, self.every = dict(tests), every

    def measure(self, state: State) -> Mapping[str, Measure]:
        if state.step % self.every and state.step != state.steps:
            return {}
        assert isinstance(state.objective, Adders)
        found: dict[str, Measure] = {}
        for name, sums in self.tests.items():
            arm = state.objective.arms[name]
            assert isinstance(arm, ModularAdder)
            with torch.no_grad():
                logits = arm(sums)
            right = (logits.argmax(1) == sums.answers).double().mean()
            found[f"{name}/loss/test"] = float(F.cross_entropy(logits, sums.answers))
            found[f"{name}/accuracy/test"] = float(right)
            found[f"{name}/fourier"], found[f"{name}/norm"] = arm.fourier(), arm.norm()
        return found


def start_adders(settings: Adding, arms: Sequence[str] = ARMS) -> State:
    """The arms with their first weights and their optimiser."""
    objective = Adders(settings, arms)
    groups = [
        {
            "params": list(objective.arms[arm].parameters()),
            "weight_decay": 0.0 if arm == "no_decay" else settings.weight_decay,
        }
        for arm in arms
    ]
    optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.98))
    return State(objective, optimizer, settings.steps)


def train_adders(
    settings: Adding, *, observers: Sequence[Observer] = (), arms: Sequence[str] = ARMS
) -> str:
    """Train the arms to the end, or until an observer stops them.

    Returns:
        "done", or the reason of the observer that stopped it.
    """
    splits = {arm: split_sums(settings, shuffled=arm == "shuffled") for arm in arms}
    train = {arm: both[0] for arm, both in splits.items()}
    examiner = Examiner({arm: both[1] for arm, both in splits.items()}, every=settings.every)
    return fit(
        start_adders(settings, arms),
        lambda step: train,
        learning_rate=settings.rate,
        observers=[examiner, *observers],
    )
