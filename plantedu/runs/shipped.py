"""Weights that ship with the course: which there are, and whether they are what their cards say."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plantedu
from plantedu.errors import PlantEduError, require
from plantedu.runs.cards import card_path, verify_card
from plantedu.runs.checkpoints import load_checkpoint
from plantedu.training.pretrain import objective_from
from plantedu.training.start_words import NAME

SHIPPED = Path(plantedu.__file__).parents[1] / "checkpoints"
ENDING = ".safetensors"


@dataclass(frozen=True)
class Shipped:
    """One file that ships, with its card.

    Attributes:
        name: Its place below the folder without the ending, such as stages/0600.
        card: What its card says; {} where it has none that can be read.
        error: Why it is not what it should be; "" for a good one.
    """

    name: str
    path: Path
    card: dict[str, Any]
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        known = ("bytes", "sha256", "about", "command", "seed", "threads", "step", "headlines")
        said = {name: self.card.get(name) for name in known}
        return {"name": self.name, **said, "error": self.error or None}


def path_of(name: str, folder: Path = SHIPPED) -> Path:
    """Where the file of a name lies.

    Raises:
        PlantEduError: for a name that is none.
    """
    require(
        NAME.fullmatch(name) is not None,
        f"A checkpoint's name is made of letters, digits, '.', '-', '/', like stages/0600; "
        f"got {name!r}.",
    )
    return Path(folder) / f"{name}{ENDING}"


def names(folder: Path = SHIPPED) -> list[str]:
    """Names of all files that ship, and of cards whose file is missing."""
    files = set(Path(folder).rglob(f"*{ENDING}"))
    cards = Path(folder).rglob(f"*{ENDING}.card.json")
    files |= {card.with_name(card.name.removesuffix(".card.json")) for card in cards}
    return sorted(
        path.relative_to(folder).as_posix().removesuffix(ENDING)
        for path in files
        if not path.name.startswith(".")
    )


def shipped(name: str, folder: Path = SHIPPED) -> Shipped:
    """A file with its card; file and card agree, or the error says in what they do not.

    Raises:
        PlantEduError: if there is neither.
    """
    path = path_of(name, folder)
    there = path.is_file() or card_path(path).is_file()
    known = ", ".join(names(folder)) or "none"
    require(there, f"No checkpoint {name!r} ships with this copy; there are {known}.")
    try:
        return Shipped(name, path, verify_card(path))
    except PlantEduError as error:
        return Shipped(name, path, {}, str(error))


def verified(name: str, folder: Path = SHIPPED) -> Shipped:
    """The same after reading the file whole and building the network that it is of."""
    found = shipped(name, folder)
    if found.error:
        return found
    try:
        tensors, meta = load_checkpoint(found.path)
        kind = found.card.get("kind", "train")
        if kind == "train":
            objective_from((tensors, meta))
        recipe = found.card.get("recipe", meta["recipe"])
        require(recipe == meta["recipe"], f"{name}: the card's recipe is not the file's.")
    except PlantEduError as error:
        return Shipped(name, found.path, found.card, str(error))
    return found
