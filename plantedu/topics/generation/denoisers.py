"""Denoisers on disk: read one, find those that ship, and draw through a cascade of them.

A cascade draws small first: each stage is shown the picture of the stage below it at its own side,
and has the same condition.

Lesson: 05_generation.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from plantedu.errors import PlantEduError, require
from plantedu.models.denoiser import Denoiser
from plantedu.topics.generation.denoiser_recipe import Denoise
from plantedu.topics.generation.results.generate import MOST_ON_CPU, begun_from
from plantedu.topics.generation.sampling import sample
from plantedu.training.checkpoints import load_checkpoint, tensors_hash
from plantedu.training.pretrain import Snapshot
from plantedu.training.weights_spec import file_of, parse_start
from plantedu.zoo.encoders import SHIPPED

FOLDER = "denoisers"
DETAILS = "detail"  # folder of details, each by the name of what it stands upon
UPON, DETAIL = "upon", "/body.detail."  # in a checkpoint of detail alone: whose, and which tensors


def make_denoiser(recipe: Denoise, slots: Mapping[str, int], *, trained: bool = True) -> Denoiser:
    """A recipe's network with fresh weights; without the moving average if it will only draw."""
    return Denoiser(
        side=recipe.side,
        slots=slots,
        sensors=recipe.sensors,
        channels=recipe.channels,
        fold=recipe.fold,
        low=recipe.low_side > 0,
        parts=recipe.parts,
        prediction=recipe.prediction,
        output=recipe.output,
        joint=recipe.joint,
        detail=recipe.detail,
        scale=recipe.scale,
        decay=recipe.decay if trained else None,
        seed=recipe.seed,
    )


def averaged(snapshot: Snapshot) -> dict[str, Tensor]:
    """The averaged network of a snapshot and its measures, float16."""
    kept = {}
    for name, tensor in snapshot[0].items():
        short = name.removeprefix("objective/")
        if short in ("mean", "std") or short.startswith("average.module."):
            short = short.replace("average.module.", "body.", 1)
            half = tensor.half()
            exact = short.endswith(".mean")  # small differences are the condition
            exact = exact or not bool(torch.isfinite(half).all())
            kept[f"objective/{short}"] = tensor if exact else half
    return kept


def drawing(snapshot: Snapshot) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What ships of a snapshot: the averaged network and its measures, float16.

    Where detail alone was trained upon a denoiser that ships, it ships alone: the file of that one,
    and no other (`upon` is its hash), holds the rest.
    """
    kept, meta = averaged(snapshot), dict(snapshot[1])
    return {n: t for n, t in kept.items() if UPON not in meta or DETAIL in n}, meta


def denoiser_from(snapshot: Snapshot, *, beside: Path | None = None) -> Denoiser:
    """The denoiser of a checkpoint, whole or as it ships, in evaluation mode, on the CPU.

    Args:
        snapshot: Tensors and meta.
        beside: Folder in which a denoiser that this one stands upon is looked for first.

    Raises:
        PlantEduError: if the checkpoint is of no denoiser, does not fit its own recipe, or stands
            upon a denoiser that is not there or is another.
    """
    tensors, meta = snapshot
    require("denoise" in meta, "This checkpoint holds no denoiser.")
    recipe = Denoise.from_json(meta["denoise"])
    denoiser = make_denoiser(recipe, meta["slots"], trained=False)
    if any(name.startswith("objective/average.module.") for name in tensors):
        tensors = averaged(snapshot)
    elif UPON in meta:
        tensors = {**_below(recipe.start, str(meta[UPON]), beside), **tensors}
    weights = {n.removeprefix("objective/"): t.float() for n, t in tensors.items()}
    try:
        denoiser.load_state_dict(weights | {"step": denoiser.step})
    except RuntimeError as error:
        raise PlantEduError(f"This checkpoint is of another architecture: {error}") from error
    denoiser.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return denoiser.eval().requires_grad_(False)


def _below(start: str, wanted: str, beside: Path | None) -> dict[str, Tensor]:
    """The tensors of the denoiser that a detail was trained upon."""
    require(
        ":" not in start and PurePath(start).name == start,
        f"A detail stands upon a denoiser that ships, named without a folder; got {start!r}.",
    )
    tensors, _ = load_checkpoint(_file_below(start, beside))
    require(
        tensors_hash(tensors) == wanted,
        f"This detail was trained upon another {start} than the one that is here: take that one's "
        "file, or train the detail again.",
    )
    return tensors


def _file_below(start: str, beside: Path | None) -> Path:
    """The file of what a detail stands upon: beside it, else of what ships."""
    near = None if beside is None else beside / f"{start}.safetensors"
    return near if near is not None and near.is_file() else start_file(start)


def load_denoiser(path: Path) -> Denoiser:
    """The denoiser of a file; of a detail's file, with what it stands upon."""
    return denoiser_from(load_checkpoint(path), beside=place_of(path))


def place_of(path: Path) -> Path:
    """The folder of the denoisers among which a file lies, a detail's too."""
    folder = Path(path).parent
    return folder.parent if folder.name == DETAILS else folder


def upon_of(recipe: Denoise, start: Path | None, resume: Snapshot | None) -> dict[str, str]:
    """What the checkpoint of a detail says of the denoiser that it is trained upon, if that ships.

    Raises:
        PlantEduError: for a start that is a detail itself.
    """
    if resume is not None:
        return {n: value for n, value in resume[1].items() if n == UPON}
    if recipe.trained != "detail" or start is None:
        return {}
    tensors, meta = load_checkpoint(start)
    require(UPON not in meta, f"{recipe.start} is a detail itself: start with what it is upon.")
    return {} if ":" in recipe.start else {UPON: tensors_hash(tensors)}


def learnt_by(path: Path) -> Denoise:
    """The recipe that says which plants a denoiser was trained on: of a detail, that below it."""
    _, meta = load_checkpoint(path)
    recipe = Denoise.from_json(meta["denoise"])
    return learnt_by(_file_below(recipe.start, place_of(path))) if UPON in meta else recipe


def detail_of(path: Path) -> Path | None:
    """The file of the detail upon a denoiser that ships; None where there is none."""
    found = Path(path).parent / DETAILS / Path(path).name
    return found if found.is_file() else None


def start_file(start: str) -> Path:
    """The file of the denoiser that another one begins with: file:PATH, or one that ships.

    Raises:
        PlantEduError: if it is not there.
    """
    named = start if ":" in start else f"shipped:{FOLDER}/{start}"
    path = file_of(parse_start(named), root=SHIPPED)
    require(path is not None, f"{start} is no file: name it as file:PATH, or ask for a run of it.")
    assert path is not None
    return path


def shipped_denoiser(folder: Path = SHIPPED, *, side_at_most: int | None = None) -> Path:
    """The largest denoiser that is there and that this device can carry.

    Of several, one that no other here was trained on from; then the first by name.

    Args:
        folder: Where checkpoints lie.
        side_at_most: Largest side; by default any with a GPU, MOST_ON_CPU without.

    Raises:
        PlantEduError: if none is there.
    """
    if side_at_most is None and not torch.cuda.is_available():
        side_at_most = MOST_ON_CPU
    files = sorted((Path(folder) / FOLDER).glob("*.safetensors"))
    recipes = {path: load_checkpoint(path)[1]["denoise"] for path in files}
    others = begun_from(recipes.values())
    sides = {path: int(recipe["side"]) for path, recipe in recipes.items()}
    fits = [p for p, side in sides.items() if side_at_most is None or side <= side_at_most]
    require(
        bool(fits),
        f"No denoiser of {side_at_most or 'any'} px or less is in {FOLDER}; train one with "
        "`python -m plantedu denoise` and ship it with `python -m plantedu checkpoints add`.",
    )
    return max(fits, key=lambda path: (sides[path], path.stem not in others))


def with_detail(path: Path) -> Denoiser:
    """A denoiser that ships, with the detail upon it.

    Raises:
        PlantEduError: if there is none, or it stands upon another denoiser.
    """
    file, name = detail_of(path), Path(path).stem
    require(file is not None, f"No detail was trained upon {name}: draw without detail.")
    assert file is not None
    snapshot = load_checkpoint(file)
    start = snapshot[1].get("denoise", {}).get("start")
    require(
        UPON in snapshot[1] and start == name,
        f"The detail beside {name} was trained upon {start}: put it beside that one.",
    )
    return denoiser_from(snapshot, beside=Path(path).parent)


def load_stages(path: Path, *, detail: bool = False) -> tuple[Denoiser, ...]:
    """The denoiser of a file and those below it in its cascade, the smallest first.

    Args:
        path: The file.
        detail: Whether it draws with the detail upon it.

    Raises:
        PlantEduError: if a stage below is not in the same folder, or detail is wanted and none is
            there, or it stands upon another denoiser.
    """
    _, meta = load_checkpoint(path)
    last = with_detail(path) if detail else load_denoiser(path)
    low = int(meta["denoise"]["low_side"])
    if not low:
        return (last,)
    for other in sorted(Path(path).parent.glob("*.safetensors")):
        if load_checkpoint(other)[1]["denoise"]["side"] == low:
            return (*load_stages(other, detail=detail), last)
    raise PlantEduError(
        f"{Path(path).name} draws upon pictures of {low} px, and no denoiser of that side lies "
        "beside it: train or copy that one too."
    )


def draw(
    stages: Sequence[Denoiser], given: Mapping[str, Tensor], *, samples: int, **how: Any
) -> Float[Tensor, "n samples channels side side"]:
    """Pictures drawn by one denoiser, or by a cascade from the smallest up.

    Args:
        stages: As `load_stages` gives them.
        given, samples, how: As for `sample`.
    """
    drawn = sample(stages[0], given, samples=samples, **how)
    for stage in stages[1:]:
        flat = drawn.flatten(0, 1)
        low = F.interpolate(flat, size=(stage.side, stage.side), mode="bilinear")
        each = {name: rows.repeat_interleave(samples, 0) for name, rows in given.items()}
        drawn = sample(stage, each, samples=1, low=low, **how).unflatten(0, drawn.shape[:2])
        drawn = drawn.squeeze(2)
    return drawn
