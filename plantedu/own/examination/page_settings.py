"""What a page may ask of `examine`: what ships and runs, on the leaves that ship with lesson 12.

A page names no file and no module: those are for who types the command.

Lesson: 12_own.
"""

import re
from dataclasses import dataclass

from plantedu.errors import require
from plantedu.serialization import AsJson
from plantedu.shipped_files import checkpoints

KIND = "examine"
LEAVES = checkpoints() / "foreign" / "leaves.npz"
NAME = r"[\w-][\w.-]*(/[\w-][\w.-]*)*"
NAMED = re.compile(rf"run:[0-9a-f]{{1,8}}(@(\d{{1,9}}|last))?|random:\d{{1,9}}|{NAME}")
MOST = 10**6  # of a seed


@dataclass(frozen=True)
class Settings(AsJson):
    """What is examined.

    Attributes:
        encoder: What ships, run:ID[@WHEN] or random:SEED.
        quick: Fewer pictures where each costs passes.
        seed: Draws everything.
    """

    encoder: str = "foreign-a"
    quick: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        file = self.encoder.endswith(".safetensors") or not NAMED.fullmatch(self.encoder)
        require(
            not file,
            f"A page names what ships, run:ID or random:SEED, no file and no module; got "
            f"{self.encoder!r}. In a terminal `examine` takes yours.",
        )
        fine = isinstance(self.seed, int) and 0 <= self.seed <= MOST
        require(fine, f"seed is 0 to {MOST:,}; got {self.seed!r}.")


def command(asked: Settings) -> str:
    """The same in a terminal, in a checkout."""
    words = f"python -m plantedu examine --encoder {asked.encoder} --data npz:leaves.npz"
    quick = " --quick" if asked.quick else ""
    seed = f" --seed {asked.seed}" if asked.seed else ""
    return f"{words}{quick}{seed} --out report.html"
