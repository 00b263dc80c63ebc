"""Frozen results and settings from plain values: what JSON and a command line took apart."""

import json
import shlex
import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from functools import lru_cache
from typing import Any, Self, TypeVar, Union, get_args, get_origin, get_type_hints

from plantedu.errors import PlantEduError

Kind = TypeVar("Kind")

POSITIONAL, REPEATED = "Positional", "UseAppendAction"  # tyro's marks on a setting

FORMER = {  # by kind: settings of older runs, recordings, files and commands, and their names today
    "denoise": {"told": "conditions", "untold": "unconditional"},
}


def renamed(kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """A request with the names that its settings have today, whoever wrote it."""
    names = FORMER.get(kind, {})
    return {names.get(name, name): value for name, value in request.items()}


class AsJson:
    """A frozen dataclass that plain JSON holds: what results and settings share."""

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return asdict(self)  # type: ignore[call-overload]

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read what a run or a file holds.

        Raises:
            PlantEduError: for a field that is missing or unknown.
        """
        return revived(cls, found)


def revived(kind: type[Kind], found: Any) -> Kind:
    """A value of a dataclass, or of a tuple, dict or optional of them, from plain JSON.

    Args:
        kind: What it was: a dataclass whose fields are dataclasses, tuples, dicts or plain. A
            field with `metadata={"was": NAME}` is read by its former name too.
        found: What `asdict` and JSON made of it.

    Raises:
        PlantEduError: for a dataclass with a field missing or unknown.
    """
    return _revived(kind, found)


def settings_of(options: object, settings: type[Kind]) -> Kind:
    """The settings among the options of a command that adds some of its own."""
    return settings(**{field.name: getattr(options, field.name) for field in fields(settings)})  # type: ignore[arg-type]


def with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """A request's values as settings hold them: JSON's lists are tuples again."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


def setting_columns(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as columns of a table, named settings.NAME; what is no plain value is JSON."""
    plain = (str, int, float, bool, type(None))
    return {
        f"settings.{name}": value if isinstance(value, plain) else json.dumps(value, default=str)
        for name, value in settings.items()
    }


def command_line(settings: Any) -> str:
    """Every setting as an option, as the command that takes them reads it.

    A default may move; a command that states every option gives the same again. What has no name
    there stands first: an option of many words would take it.
    """
    marks = _marks(type(settings))
    names = sorted((field.name for field in fields(settings)), key=lambda n: marks[n] != POSITIONAL)
    return " ".join(filter(None, (_option(n, getattr(settings, n), marks[n]) for n in names)))


def _option(name: str, value: Any, mark: str) -> str:
    word = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return word if value else f"--no-{word.removeprefix('--')}"
    values = [str(one) for one in (value if isinstance(value, tuple) else (value,))]
    if mark == POSITIONAL:
        return shlex.join(values)
    if mark == REPEATED:
        return shlex.join([part for one in values for part in (word, one)])
    return shlex.join([word, *values])


@lru_cache(maxsize=256)
def _marks(settings: type) -> dict[str, str]:
    """How each setting is written, where it is not an option with its values."""
    hints = get_type_hints(settings, include_extras=True)
    return {n: str(next(iter(getattr(h, "__metadata__", ())), "")) for n, h in hints.items()}


def _revived(kind: Any, found: Any) -> Any:
    if found is None:
        return None
    if is_dataclass(kind):
        return _dataclass(kind, found)
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _revived(next(k for k in inside if k is not type(None)), found)
    if origin is tuple:
        kinds = [inside[0]] * len(found) if inside[-1] is Ellipsis else inside
        return tuple(_revived(k, v) for k, v in zip(kinds, found, strict=True))
    if origin is dict:
        key = int if inside[0] is int else str  # JSON's keys are words
        return {key(name): _revived(inside[1], value) for name, value in found.items()}
    return found


@lru_cache(maxsize=256)
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _dataclass(kind: Any, found: Mapping[str, Any]) -> Any:
    was = {field.metadata["was"]: field.name for field in fields(kind) if "was" in field.metadata}
    found = {was.get(name, name): value for name, value in found.items()}
    before = {
        field.name: field.metadata["before"] for field in fields(kind) if "before" in field.metadata
    }
    found = {**before, **found}
    known = {field.name for field in fields(kind)}
    if known != set(found):
        raise PlantEduError(
            f"{kind.__name__} needs {sorted(known)}, got {sorted(found)}: it was written by "
            "another version; make it again."
        )
    hints = _hints(kind)
    return kind(**{name: _revived(hints[name], value) for name, value in found.items()})
