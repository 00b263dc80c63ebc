"""Two defences that only look like one: they hide the slope, or move it about.

    Rounded    x -> round(x L) / L        exact slope 0 everywhere: a masked gradient
    Noisy      x -> x + noise             another slope at each call; EOT averages it out

They are here to be broken, and to show what the alarms say on the way.

Source: Athalye et al. 2018, arXiv:1802.00420 [athalye2018b]. Lesson: 08_attacks.
"""

import torch
from torch import Tensor, nn

from plantedu.errors import require
from plantedu.topics.attacks.results.names import DEFENCES


class Rounded(nn.Module):
    """A model that sees pictures with few grey levels.

    Attributes:
        levels: Steps between black and white.
    """

    def __init__(self, model: nn.Module, levels: int = 16) -> None:
        super().__init__()
        require(levels >= 1, f"levels must be 1 or more, got {levels}.")
        self.model, self.levels = model, levels
        self.eval()

    def forward(self, views: Tensor) -> Tensor:
        return self.model((views * self.levels).round() / self.levels)


class Noisy(nn.Module):
    """A model that adds fresh noise at each call.

    Attributes:
        sd: Standard deviation of the noise, share of the full range.
        generator: Draws it.
    """

    def __init__(self, model: nn.Module, sd: float, generator: torch.Generator) -> None:
        super().__init__()
        require(sd >= 0, f"sd must be 0 or more, got {sd}.")
        self.model, self.sd, self.generator = model, sd, generator
        self.eval()

    def forward(self, views: Tensor) -> Tensor:
        noise = torch.randn(views.shape, generator=self.generator)
        return self.model((views + self.sd * noise).clamp(0, 1))


def defended(model: nn.Module, defence: str, generator: torch.Generator) -> nn.Module:
    """The model behind one of DEFENCES.

    Raises:
        PlantEduError: for another name.
    """
    require(defence in DEFENCES, f"defence is one of {', '.join(DEFENCES)}; got {defence!r}.")
    if defence == "rounded":
        return Rounded(model)
    return Noisy(model, 16 / 255, generator) if defence == "noisy" else model
