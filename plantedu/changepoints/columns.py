"""Which columns of a table are the step, the loss and the split: as loggers name them.

    step     step, _step, global_step, iteration, ...; epoch; or a first column without a name
    loss     the one that is asked for; loss, value; or the only one with "loss" in its name
    split    split

Capitals and blanks around a name do not matter. Where several columns could be the loss none is
guessed: the message lists them, and `Columns.losses` holds them for a choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from plantedu.errors import PlantEduError, require

MOST = 1000  # columns
STEPS = ("step", "_step", "global_step", "global step", "trainer/global_step", "steps")
STEPS += ("iteration", "iterations", "iter", "batch", "epoch", "epochs")
LOSSES = ("loss", "value", "train_loss", "train/loss")
BOUNDS = ("__min", "__max")  # columns that accompany another, as wandb writes them


@dataclass(frozen=True)
class Columns:
    """Places of columns in a row.

    Attributes:
        names: All of them, stripped.
        step, loss: Their places.
        split: Its place; None where there is none.
        losses: Names that could be the loss.
        guessed: Whether the loss was found by a part of its name.
    """

    names: tuple[str, ...]
    step: int
    loss: int
    split: int | None
    losses: tuple[str, ...]
    guessed: bool


def columns_of(header: Sequence[str], *, path: object, wanted: str = "") -> Columns:
    """Which column is what.

    Args:
        header: Names as they stand in the file.
        path: What the file is called in messages.
        wanted: The loss, if one is asked for by name.

    Raises:
        PlantEduError: without a step, with no loss or several that could be it, or with two
            columns of the name that is needed.
    """
    require(len(header) <= MOST, f"{path} has {len(header):,} columns; at most {MOST:,} are read.")
    names = tuple(str(name).strip() for name in header)
    low = [name.lower() for name in names]
    step = next((name for name in STEPS if name in low), None)
    if step is None and low and not low[0] and any("loss" in name for name in low):
        step = ""
    losses = losses_in(names)
    loss = wanted.strip().lower() or next((name for name in LOSSES if name in low), None)
    guessed = loss is None and len(losses) == 1
    if guessed:
        loss = losses[0].lower()
    if wanted and loss not in low:
        raise PlantEduError(f"{path} has no column {wanted!r}; {_list(names)}")
    if step is None or loss is None:
        raise PlantEduError(_missing(path, names, losses, step, loss))
    for name in (step, loss, "split"):
        require(
            low.count(name) <= 1,
            f"{path} has {low.count(name)} columns called {name!r} when blanks around names are "
            "left out. Rename all but one.",
        )
    split = low.index("split") if "split" in low else None
    return Columns(names, low.index(step), low.index(loss), split, losses, guessed)


def losses_in(names: Sequence[str]) -> tuple[str, ...]:
    """Names that could be the loss."""
    low = [name.lower() for name in names]
    return tuple(
        name
        for name, small in zip(names, low, strict=True)
        if ("loss" in small or small in LOSSES) and not small.endswith(BOUNDS)
    )


def choices_in(names: Sequence[str]) -> tuple[str, ...]:
    """Names to choose a loss from: those that could be it, or else all but the step; none where
    there is no step."""
    low = [name.lower() for name in names]
    if not any(name in STEPS for name in low):
        return ()
    rest = [name for name, small in zip(names, low, strict=True) if small not in (*STEPS, "split")]
    found = losses_in(names) or tuple(name for name in rest if name)
    return found if len(set(found)) > 1 else ()


def _missing(
    path: object, names: Sequence[str], losses: Sequence[str], step: str | None, loss: str | None
) -> str:
    if step is not None and len(losses) > 1:
        return (
            f"{path} has {len(losses)} columns that could be the loss: {', '.join(losses[:40])}. "
            f"Choose one: --column {losses[0]!r}."
        )
    missing = [what for what, found in (("step", step), ("loss", loss)) if found is None]
    return (
        f"{path} has no column {' and no column '.join(missing)}; {_list(names)} Name the columns "
        "step,loss (and split, where it holds several curves), or choose the loss: --column NAME."
    )


def _list(names: Sequence[str]) -> str:
    return f"it has {', '.join(names[:40]) or 'none'}."
