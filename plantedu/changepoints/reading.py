"""Loss curves from a file: comma-separated, with columns `step` and `loss`.

A column `split` makes one curve of each split; other columns and lines that start with # are left
alone. pandas reads, since its parser takes a million rows in a fraction of a second.
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from plantedu.changepoints.curve import Curve, tidy
from plantedu.errors import PlantEduError, require

LONGEST = 4096  # characters of a line
COMPRESSED = (".gz", ".bz2", ".zip", ".xz", ".zst")


def read_curves(path: Path, *, split: str = "") -> dict[str, Curve]:
    """The curves of a file by the name of their split; "loss" where it has no column `split`.

    Args:
        path: A file with columns step, loss and perhaps split; may be compressed (.gz).
        split: Read this split only; all of them by default.

    Raises:
        PlantEduError: if the file cannot be read, lacks a column or the split, or holds a curve
            that is too short or constant.
    """
    table = _table(Path(path))
    missing = [name for name in ("step", "loss") if name not in table.columns]
    require(
        not missing,
        f"{path} has no column {' and no column '.join(missing)}; it has "
        f"{', '.join(map(str, table.columns)) or 'none'}. Name the columns step,loss "
        "(and split, where it holds several curves).",
    )
    if "split" not in table.columns:
        require(not split, f"{path} has no column split, so there is no split {split!r} in it.")
        return {"loss": _curve(table, "loss")}
    of_row = np.array([str(name).strip() for name in table["split"].fillna("")])
    splits = [name for name in dict.fromkeys(of_row.tolist()) if name]
    require(
        not split or split in splits,
        f"{path} has no split {split!r}; it has {', '.join(splits) or 'none'}.",
    )
    require(bool(splits), f"{path} has a column split, but it is empty.")
    wanted = [split] if split else splits
    return {name: _curve(table.loc[of_row == name], name) for name in wanted}


def _table(path: Path) -> pd.DataFrame:
    try:
        _check_width(path)
        with warnings.catch_warnings():
            # Cells beyond the header, such as after a last comma, are left alone.
            warnings.simplefilter("ignore", pd.errors.ParserWarning)
            table = pd.read_csv(
                path, comment="#", skipinitialspace=True, low_memory=False, index_col=False
            )
    except FileNotFoundError as error:
        raise PlantEduError(f"There is no file {path}.") from error
    except (OSError, ValueError, EOFError) as error:  # pandas' own errors are ValueErrors
        raise PlantEduError(f"{path} cannot be read as comma-separated text: {error}.") from error
    return table.rename(columns=lambda name: str(name).strip())


def _check_width(path: Path) -> None:
    """Refuse what pandas would make millions of columns of; a compressed file is one's own."""
    if path.suffix in COMPRESSED:
        return
    with path.open("rb") as file:
        longest = max(map(len, file), default=0)
    require(
        longest <= LONGEST,
        f"{path} has a line of {longest:,} characters; at most {LONGEST:,} are read, and a table "
        "of losses needs a dozen. Give one row a line, separated by commas.",
    )


def _curve(table: pd.DataFrame, name: str) -> Curve:
    """Cells that are no number become NaN, which `tidy` drops and counts."""
    steps, values = (
        np.asarray(pd.to_numeric(table[column], errors="coerce"), np.float64)
        for column in ("step", "loss")
    )
    require(
        bool(np.isfinite(values).any()),
        f"Curve {name!r} holds no number in its column loss.",
    )
    return tidy(steps, values, name=name)
