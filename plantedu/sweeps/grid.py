"""A sweep: many runs from one grid, each with a request of its own in the store.

    {"kind": "train", "base": {"steps": 200}, "seeds": [0, 1, 2],
     "grid": {"encoder": ["res2next_tiny", "res2next_small"],
              "image_size, crop_size": [[32, 24], [48, 32]]}}

gives 2 x 2 x 3 rows. Names joined by a comma move together. All rows are checked before the first
one starts. A row is a run like any other: the page shows it, and what the store has done before
is not done again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from importlib import import_module
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.store.data_hash import data_hash
from plantedu.store.version import canonical, request_key

MOST_ROWS = 10_000
SHOWN = 3  # mistakes listed of one kind; a wrong knob spoils many rows in the same way
KINDS = {
    "train": ("plantedu.training.recipe", "Recipe"),
    "finetune": ("plantedu.training.classifier.recipe", "FineTune"),
}


@dataclass(frozen=True)
class GridRow:
    """One run of a sweep.

    Attributes:
        settings: The knobs that vary in the sweep, as they are in this row.
        request: All knobs.
        parent: The run that it starts from, where its start is a run's checkpoint.
    """

    kind: str
    name: str
    settings: dict[str, Any]
    request: dict[str, Any]
    data_hash: str = ""
    parent: str | None = None

    @property
    def key(self) -> str:
        """Where the store knows the row's run, see `version.request_key`."""
        return request_key(self.kind, self.request, self.data_hash)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for the process that does the row."""
        shown = ("kind", "name", "settings", "request", "data_hash", "parent")
        return {name: getattr(self, name) for name in shown}


@dataclass(frozen=True)
class Grid:
    """What a GRID.json says.

    Attributes:
        kind: "train" or "finetune".
        base: Knobs that all rows share; what is not named has its default.
        grid: Values of each knob, or of several that move together ("image_size, crop_size").
        seeds: Seeds of every setting.
        name: How people call the sweep; the file's name where the file does not say.
    """

    kind: str = "train"
    base: dict[str, Any] = field(default_factory=dict)
    grid: dict[str, list[Any]] = field(default_factory=dict)
    seeds: list[int] = field(default_factory=list)
    name: str = "sweep"
    about: str = ""


def read_grid(path: Path) -> Grid:
    """The grid of a file.

    Raises:
        PlantEduError: if it cannot be read or is no grid.
    """
    path = Path(path)
    try:
        words = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except OSError as error:
        raise PlantEduError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        if isinstance(error, PlantEduError):
            raise
        raise PlantEduError(f"{path} is no JSON ({error}).") from error
    require(isinstance(words, dict), f"{path} must be one JSON object, like {EXAMPLE}.")
    known = {part.name for part in fields(Grid)}
    strange = sorted(set(words) - known)
    require(not strange, f"{path} has {strange}; a grid has {', '.join(sorted(known))}.")
    return checked(Grid(**{"name": path.stem, **words}))


EXAMPLE = '{"kind": "train", "base": {"steps": 200}, "grid": {"epsilon": [0.02]}, "seeds": [0, 1]}'


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    require(not twice, f"{', '.join(twice)} stands twice in one object; JSON keeps only the last.")
    return dict(pairs)


def checked(grid: Grid) -> Grid:
    """The same grid, if it has the right form.

    Raises:
        PlantEduError: for an unknown kind or knob, an empty list, a knob that is set twice.
    """
    made = {part.name: type(part.default) for part in fields(Grid) if part.default is not MISSING}
    made |= {"base": dict, "grid": dict, "seeds": list}
    for name, wanted in made.items():
        value = getattr(grid, name)
        fits = isinstance(value, wanted)
        require(fits, f"{name!r} must be a {wanted.__name__} as in {EXAMPLE}; got {value!r}.")
    known = {part.name for part in fields(recipe_class(grid.kind))}
    varied = [knob for names in grid.grid for knob in knobs_of(names)] + ["seed"] * bool(grid.seeds)
    strange = sorted({*varied, *grid.base} - known)
    require(not strange, f"There is no knob {strange}; a {grid.kind} run has {sorted(known)}.")
    twice = sorted({k for k in varied if varied.count(k) > 1 or k in grid.base})
    require(not twice, f"{', '.join(twice)} is set more than once, in base, grid or seeds.")
    for names, values in grid.grid.items():
        full = isinstance(values, list) and bool(values)
        require(full, f"{names!r} needs a list of at least one value; got {values!r}.")
    return grid


def knobs_of(names: str) -> list[str]:
    """Knobs that move together: "image_size, crop_size" -> both."""
    return [name.strip() for name in names.split(",")]


def recipe_class(kind: str) -> Any:
    """The frozen dataclass that a request of this kind is made from.

    Raises:
        PlantEduError: for a kind that cannot be swept.
    """
    if kind not in KINDS:
        raise PlantEduError(f"A sweep's kind is one of {', '.join(KINDS)}; got {kind!r}.")
    module, name = KINDS[kind]
    return getattr(import_module(module), name)


def settings_of(grid: Grid) -> Iterator[dict[str, Any]]:
    """What each row sets beside the base, seeds innermost.

    Raises:
        PlantEduError: for more rows than `MOST_ROWS`, or values that do not fit their knobs.
    """
    count = prod(len(values) for values in grid.grid.values()) * max(len(grid.seeds), 1)
    require(count <= MOST_ROWS, f"This grid has {count} rows; a sweep takes {MOST_ROWS} at most.")
    axes = [[_paired(names, value) for value in values] for names, values in grid.grid.items()]
    axes += [[{"seed": seed} for seed in grid.seeds]] if grid.seeds else []
    for chosen in product(*axes):
        yield {knob: value for part in chosen for knob, value in part.items()}


def _paired(names: str, value: Any) -> dict[str, Any]:
    knobs = knobs_of(names)
    values = [value] if len(knobs) == 1 else value
    fits = isinstance(values, list) and len(values) == len(knobs)
    require(fits, f"Each value of {names!r} is a list of {len(knobs)}; got {value!r}.")
    return dict(zip(knobs, values, strict=True))


def rows_of(grid: Grid) -> list[GridRow]:
    """All rows, every one of which can be done as far as can be known.

    Raises:
        PlantEduError: naming the settings of rows that cannot be, and of rows that are the same.
    """
    rows, wrong, hashes = [], {}, {}
    for settings in settings_of(grid):
        try:
            rows.append(_row(grid, settings, hashes))
        except PlantEduError as error:
            wrong.setdefault(str(error), []).append(settings_in_words(settings))
    _refuse(wrong)
    seen: dict[str, GridRow] = {}
    for row in rows:
        twin = seen.setdefault(canonical(row.request), row)
        require(
            twin is row,
            f"Two rows of this grid are the same run: {settings_in_words(twin.settings)} and "
            f"{settings_in_words(row.settings)}. Name each value once.",
        )
    return rows


def _row(grid: Grid, settings: dict[str, Any], hashes: dict[str, str]) -> GridRow:
    made, values = recipe_class(grid.kind), dict(grid.base) | settings
    for knob in fields(made):
        fits = isinstance(values.get(knob.name, ""), str) or not isinstance(knob.default, str)
        require(fits, f"{knob.name} must be a word, got {values.get(knob.name)!r}.")
    request = json.loads(canonical(made.from_json(values).as_json()))
    where = canonical({name: request.get(name) for name in ("data", "world_seed", "start")})
    if where not in hashes:
        hashes[where] = data_hash(request)
    name = f"{grid.name}: {settings_in_words(settings)}" if settings else grid.name
    return GridRow(grid.kind, name, settings, request, hashes[where])


def _refuse(wrong: Mapping[str, list[str]]) -> None:
    """Name what cannot be, each mistake with some of the rows that make it."""
    if not wrong:
        return
    lines = []
    for error, rows in list(wrong.items())[:SHOWN]:
        more = f" (and {len(rows) - 1} more rows)" if len(rows) > 1 else ""
        lines.append(f"{rows[0] or 'base'}{more}: {error}")
    more = f"\n  ... and {len(wrong) - SHOWN} other mistakes" if len(wrong) > SHOWN else ""
    count = sum(len(rows) for rows in wrong.values())
    raise PlantEduError(
        f"{count} rows of this grid cannot be done, so nothing was started:\n  "
        + "\n  ".join(lines)
        + more
    )


def settings_in_words(settings: Mapping[str, Any]) -> str:
    """Settings in one line: "encoder=res2next_tiny, seed=0"."""
    return ", ".join(f"{knob}={value}" for knob, value in settings.items())
