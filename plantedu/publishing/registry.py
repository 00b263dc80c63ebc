"""Weights that ship with the course: which there are, and whether they are what their cards say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.shipped_files import checkpoints
from plantedu.store.cards import card_path, verify_card
from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.denoisers import denoiser_from, load_denoiser
from plantedu.topics.generation.regressor_training import reader_from
from plantedu.topics.neurons.dictionary_training import dictionary_from
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.setup import make_classifier
from plantedu.training.pretrain import objective_from
from plantedu.training.recipe import Recipe
from plantedu.training.weights_spec import NAME
from plantedu.zoo.cue_networks import cue_network_from
from plantedu.zoo.planted_foreign import foreign_from

Build = Callable[[Mapping[str, Tensor], Mapping[str, Any]], nn.Module]
SHIPPED = checkpoints()
ENDING = ".safetensors"
RECIPES: dict[str, Any] = {"train": Recipe, "finetune": FineTune, "denoise": Denoise}
NETWORKS: dict[str, Build] = {  # made by their own trainings
    "denoise": lambda tensors, meta: denoiser_from((tensors, meta)),
    "reader": reader_from,
    "cue": cue_network_from,
    "foreign": foreign_from,
    "dictionary": dictionary_from,
}
KINDS = ("finetune", *NETWORKS)  # others are trainings


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
        if kind_of(meta) == "denoise":  # a detail stands upon a file beside it
            load_denoiser(found.path)
        else:
            built(tensors, meta)
        recipe = found.card.get("recipe", recipe_of(meta))
        require(recipe == recipe_of(meta), f"{name}: the card's recipe is not the file's.")
    except PlantEduError as error:
        return Shipped(name, found.path, found.card, str(error))
    return found


def kind_of(meta: Mapping[str, Any]) -> str:
    """The kind of training that weights came from, by what their file says."""
    return next((kind for kind in KINDS if kind in meta), "train")


def recipe_of(meta: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe in a checkpoint's meta.

    Raises:
        PlantEduError: if there is none.
    """
    kinds = (*KINDS, "recipe")
    found = next((meta[kind] for kind in kinds if kind in meta), None)
    if found is None:
        raise PlantEduError("This checkpoint holds no recipe, so nobody knows what network it is.")
    return found


def built(tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> nn.Module:
    """The network that weights are of, with them in it.

    Raises:
        PlantEduError: if they do not fit their own recipe.
    """
    if kind_of(meta) == "train":
        recipe_of(meta)
        return objective_from((tensors, meta))
    if kind_of(meta) in NETWORKS:
        return NETWORKS[kind_of(meta)](tensors, meta)
    recipe = FineTune.from_json(recipe_of(meta))
    model = make_classifier(recipe, classes=len(meta["classes"]), steps_per_epoch=1)
    weights = {name.removeprefix("objective/"): tensor for name, tensor in tensors.items()}
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise PlantEduError(f"This checkpoint is of another architecture: {error}") from error
    return model.eval()
