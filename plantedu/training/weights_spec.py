"""The words that say with which weights a training starts; no torch here, recipes read them.

scratch | imagenet | source | shipped:NAME | file:PATH | run:ID@WHEN

scratch        random, by the recipe's seed
imagenet       timm's own weights of that network, from the hub
source         the shipped encoder of another planted world, the same as shipped:source
shipped:NAME   checkpoints/NAME.safetensors, such as cross-0 or stages/0600
file:PATH      a safetensors file: a checkpoint of plantedu, its encoder, or timm's state dict
run:ID@WHEN    a checkpoint of a recorded run: at a step, its last one, or the best plateau's
"""

import difflib
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.shipped_files import checkpoints

GRAMMAR = "scratch, imagenet, source, shipped:NAME, file:PATH or run:ID@WHEN"
ALONE = ("scratch", "imagenet", "source")
WITH_PLACE = ("shipped", "file", "run")
NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*")
MOMENT = re.compile(r"([0-9a-f]{1,8})@(\d{1,9}|last|plateau)")
ROOT = checkpoints()


@dataclass(frozen=True)
class Start:
    """A start, read: its kind, and where its weights are ("" where the kind says all).

    Attributes:
        kind: scratch, imagenet, source, shipped, file or run.
        where: NAME, PATH or ID@WHEN.
    """

    kind: str
    where: str = ""

    @property
    def moment(self) -> tuple[str, str]:
        """Of a run: the first digits of its id, and WHEN."""
        run_id, _, when = self.where.partition("@")
        return run_id, when


def parse_start(text: str) -> Start:
    """Read a start.

    Raises:
        PlantEduError: for words that name none.
    """
    require(isinstance(text, str), f"start must be {GRAMMAR}; got {text!r}.")
    kind, colon, where = text.partition(":")
    if kind in ALONE and not colon:
        return Start(kind)
    require(kind in WITH_PLACE and bool(where), f"start must be {GRAMMAR}; got {text!r}.")
    if kind == "shipped":
        require(
            NAME.fullmatch(where) is not None,
            f"shipped:NAME takes the name of a file of checkpoints/ without its ending, such as "
            f"shipped:cross-0; got {text!r}.",
        )
    if kind == "run":
        require(
            MOMENT.fullmatch(where) is not None,
            f"run:ID@WHEN takes a run's id and a step, last or plateau, such as "
            f"run:1a2b3c4d@600; got {text!r}.",
        )
    return Start(kind, where)


def file_of(start: Start, *, root: Path | None = None) -> Path | None:
    """The file that a start names; None for scratch, imagenet, and a run's, which the store knows.

    Args:
        start: A start.
        root: The folder of what ships; None for this repository's.

    Raises:
        PlantEduError: if there is no such file.
    """
    if start.kind == "file":
        path = Path(start.where).expanduser()
        require(path.is_file(), f"start file:{start.where}: there is no such file.")
        return path
    if start.kind not in ("source", "shipped"):
        return None
    folder, name = root or ROOT, start.where or "source"
    path = folder / f"{name}.safetensors"
    if not path.is_file():
        raise PlantEduError(
            f"No checkpoint {name!r} ships with this copy{_there(folder, name)}. A network of timm "
            f"is timm:NAME."
        )
    return path


def _there(folder: Path, name: str) -> str:
    """The names of the checkpoints in a folder that are like one, or how many there are."""
    found = sorted(folder.rglob("*.safetensors"))
    names = [path.relative_to(folder).with_suffix("").as_posix() for path in found]
    close = difflib.get_close_matches(name, names, n=4, cutoff=0.5)
    shown = close or names[:4]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"; there are {', '.join(shown) or 'none'}{more}"


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes.

    Raises:
        PlantEduError: if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PlantEduError(f"{path} cannot be read: {error.strerror}.") from error
