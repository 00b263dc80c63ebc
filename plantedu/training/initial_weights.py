"""Starts: give an encoder, or a whole objective, the weights that a recipe names.

Loading is strict: every weight is found, has the right shape and is finite, or nothing is loaded.
A second phase (`run:ID@WHEN`) takes the objective whole: projector, prototypes and queue go on,
while step counter, optimiser and schedule are new. Every other start takes the encoder alone.

Lesson: 04_family.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.encoders import Encoder
from plantedu.models.swav import SwAV
from plantedu.training.checkpoints import read_weights
from plantedu.training.imagenet import imagenet_weights
from plantedu.training.weights_spec import Start, file_of, file_sha256, parse_start

COUNTERS = ("step", "queue_used")  # of the phase, not of the weights
QUEUE = ("queue.embeddings", "queue.inserted")
PREFIXES = ("objective/encoder.", "encoder.", "")  # of a checkpoint, an objective, an encoder
WRAPPERS = ("module.", "_orig_mod.", "model.", "backbone.", "encoder.")


@dataclass(frozen=True)
class Origin:
    """Where weights came from.

    Attributes:
        start: The words of the recipe.
        sha256: Of the file that they were read from; None for scratch.
        detail: A few words for an event.
    """

    start: str
    sha256: str | None = None
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)


def load_start(
    model: nn.Module, start: str, *, root: Path | None = None, run_file: Path | None = None
) -> Origin:
    """Put the weights of a start into a fresh model, in place.

    Args:
        model: An `Encoder`, a `SwAV`, or another module with an `encoder`.
        start: See `start_words`.
        root: The folder of what ships; None for this repository's.
        run_file: The checkpoint that "run:ID@WHEN" means; `plantedu.store.lineage` finds it.

    Returns:
        Where the weights came from.

    Raises:
        PlantEduError: for a file that is missing, cut short, damaged, a pickle, or of another
            architecture; for ImageNet weights that do not exist or cannot be fetched.
    """
    chosen = parse_start(start)
    if chosen.kind == "scratch":
        return Origin(start, None, "random weights")
    path, kept = _take(model, chosen, root, run_file)
    digest = file_sha256(path)
    return Origin(start, digest, f"{start}{kept}, sha256 {digest[:12]}")


def _take(
    model: nn.Module, start: Start, root: Path | None, run_file: Path | None
) -> tuple[Path, str]:
    """Load what a start names; the file, and what more was taken over, in words."""
    encoder = encoder_of(model)
    if start.kind == "imagenet":
        weights, path = imagenet_weights(encoder.name)
        fill(encoder, {f"body.{name}": tensor for name, tensor in weights.items()}, path.name)
        return path, ""
    path = run_file if start.kind == "run" else file_of(start, root=root)
    if path is None:
        raise PlantEduError(
            f"start run:{start.where} has to be looked up among the recorded runs first: train "
            "with `python -m plantedu train`, or name the checkpoint as file:PATH."
        )
    tensors, _ = read_weights(path)
    if start.kind == "run" and isinstance(model, SwAV):
        return path, take_objective(model, tensors, path.name)
    weights, said = encoder_weights(tensors, encoder)
    fill(encoder, weights, path.name)
    return path, said


def encoder_of(model: nn.Module) -> Encoder:
    """The encoder of a model, or the model itself."""
    found = model if isinstance(model, Encoder) else getattr(model, "encoder", None)
    require(isinstance(found, Encoder), f"{type(model).__name__} has no encoder to start.")
    return found  # type: ignore[return-value]


def encoder_weights(
    tensors: Mapping[str, Tensor], encoder: Encoder
) -> tuple[dict[str, Tensor], str]:
    """The encoder's part of a file: of a checkpoint, of a bare encoder, or timm's state dict.

    Words that frameworks put before every name (`module.` of data parallel, `model.` of Lightning,
    `backbone.`, `encoder.`) are left out, and with them what stands beside the encoder, such as a
    head; both are said.
    """
    for prefix in PREFIXES:
        if any(name.startswith(f"{prefix}body.") for name in tensors):
            own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            return own, ""
    known = set(encoder.state_dict()) | set(encoder.body.state_dict())
    if word := wrapper_of(tensors, known):
        inside = {k.removeprefix(word): v for k, v in tensors.items() if k.startswith(word)}
        weights, _ = encoder_weights(inside, encoder)
        left = len(tensors) - len(inside)
        beside = f", {left} weights beside it left alone" if left else ""
        return weights, f" (names without {word!r}{beside})"
    config: Any = getattr(encoder.body, "default_cfg", {})
    last = config.get("classifier") or ()
    dropped = tuple(f"{name}." for name in ([last] if isinstance(last, str) else last))
    return {f"body.{k}": v for k, v in tensors.items() if not k.startswith(dropped)}, ""


def wrapper_of(tensors: Mapping[str, Tensor], known: set[str]) -> str:
    """The words that frameworks put before the names of known weights, such as "module.model."."""
    found = {"": 0}
    for name in tensors:
        rest, words = name, ""
        while word := next((one for one in WRAPPERS if rest.startswith(one)), ""):
            rest, words = rest.removeprefix(word), words + word
            found[words] = found.get(words, 0) + (rest in known)
        found[""] += name in known
    return max(found, key=found.__getitem__)


def take_objective(objective: SwAV, tensors: Mapping[str, Tensor], file: str) -> str:
    """Encoder, projector, prototypes and queue of an earlier phase; what became of the queue.

    A queue of another length starts empty: its rows would be of no known age.
    """
    own = {k.removeprefix("objective/"): v for k, v in tensors.items() if k[:10] == "objective/"}
    fresh: dict[str, Tensor] = objective.state_dict()
    before: Tensor = own.get(QUEUE[0], fresh[QUEUE[0]])
    kept = before.shape == objective.queue.embeddings.shape
    fill(objective, own | {name: fresh[name] for name in COUNTERS + (() if kept else QUEUE)}, file)
    if kept:
        return " with its queue" if objective.queue.length else ""
    return f" with an empty queue (it was {before.shape[1]} long)"


def fill(module: nn.Module, given: Mapping[str, Tensor], file: str, *, name: str = "") -> None:
    """Load a whole state dict or nothing.

    Args:
        module: Filled in place.
        given: Its weights.
        file: Where they are from, for a sentence.
        name: What the module is called there; by default what it calls itself.

    Raises:
        PlantEduError: if a weight is missing, is not known, has another shape, is not
            finite, or is a whole number where a floating one belongs.
    """
    wanted = module.state_dict()
    wrong = mismatches(wanted, given)
    name = name or getattr(module, "name", "this objective")
    require(
        not wrong,
        f"{file} is of another architecture than {name}: {'; '.join(wrong[:3])}"
        f"{f' and {len(wrong) - 3} more' if len(wrong) > 3 else ''}. Choose the encoder (and, for "
        "a second phase, prototypes, projection_dim and hidden_dim) that the file was made with.",
    )
    whole = [
        f"{k} ({given[k].dtype})"
        for k, v in wanted.items()
        if v.is_floating_point() and not given[k].is_floating_point()
    ]
    require(
        not whole,
        f"{file} holds whole numbers where weights belong, first in {', '.join(whole[:1])}: a "
        "quantised network without its scales. Export it in floating point.",
    )
    broken = [k for k, v in given.items() if v.is_floating_point() and not v.isfinite().all()]
    require(not broken, f"{file} holds numbers that are not finite, first in {broken[:1]}.")
    module.load_state_dict(dict(given))


def mismatches(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> list[str]:
    """What does not fit, in words; the shapes first, as they say most."""
    shapes = [
        f"{name} is {tuple(given[name].shape)} there and {tuple(tensor.shape)} here"
        for name, tensor in wanted.items()
        if name in given and given[name].shape != tensor.shape
    ]
    missing = [f"{name} is missing" for name in wanted if name not in given]
    return shapes + missing + [f"{name} is too much" for name in given if name not in wanted]
