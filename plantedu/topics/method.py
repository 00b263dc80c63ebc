"""One method of the course: from settings to a result, in a terminal, in a worker, for a page.

    METHOD = Method(Settings, run, lines)

`run(settings, context)` computes; `lines(result)` says it in a terminal. The rest is the same for
every method and stands here: options from the settings, `--json`, files that are tried before the
work, the request of a job, its cancelling.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import tyro

from plantedu.output_paths import check_file
from plantedu.serialization import settings_of, with_tuples
from plantedu.store.paths import home
from plantedu.store.store import Store
from plantedu.topics.methods import Entry, of_module
from plantedu.zoo.resolve import asked_file, checkpoint_file


class Result(Protocol):
    """What a method gives."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        ...


Asked = TypeVar("Asked")
Given = TypeVar("Given", bound=Result)


def _nothing() -> None:
    """Nobody wishes to stop."""


def _silent(said: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Context:
    """Where a method runs.

    Attributes:
        check: Called between passes; may raise to stop.
        progress: Told in words what is being done.
        work: The worker's hold on the run, where a page asks; it may name what ships and runs, and
            no other file. None in a terminal.
    """

    check: Callable[[], None] = _nothing
    progress: Callable[[str], None] = _silent
    work: Any = None

    @property
    def home(self) -> Path:
        """The folder of runs, banks and caches on this machine."""
        return home()

    @property
    def bank(self) -> Path:
        """Where rendered pairs are kept between runs."""
        return home() / "bank"

    def checkpoint(self, words: str) -> Path:
        """The file that some words mean; see `zoo.resolve`.

        Raises:
            PlantEduError: for words that mean none, or a file where a page asks.
        """
        if self.work is not None:
            return asked_file(words, self.work.store.folder)
        return checkpoint_file(words, lambda run: Store().folder(run))


@dataclass(frozen=True)
class Method(Generic[Asked, Given]):
    """One method.

    Attributes:
        settings: Frozen dataclass of what can be asked; its docstring is the help.
        run: Computes.
        lines: The result for a terminal.
        saves: Writes a result to a file: the option `--save`, and the ending it takes; None where
            there is nothing to save but the JSON.
        like: What such a file may be called.
    """

    settings: type[Asked]
    run: Callable[[Asked, Context], Given]
    lines: Callable[[Given], Iterable[str]]
    saves: Callable[[Given, Path], None] | None = None
    like: str = ""
    module: str = field(default="", kw_only=True)

    def main(self, argv: list[str]) -> int:
        """Run it in a terminal: the settings as options, `--json`, `--save`.

        Raises:
            PlantEduError: for what cannot be asked or done.
        """
        chosen = tyro.cli(self._options(), args=argv, prog=f"python -m plantedu {self.entry.words}")
        save = getattr(chosen, "save", None)
        check_file(save, like=self.like)
        result = self.run(settings_of(chosen, self.settings), Context(progress=_print))
        if self.saves is not None and save is not None:
            self.saves(result, save)
        print("\n".join(self.lines(result)))
        if chosen.json:
            print(json.dumps(result.as_json()))
        return 0

    def job(self, work: Any) -> dict[str, Any]:
        """Do a run of a worker: the request is the settings.

        Raises:
            PlantEduError: for a request that cannot be.
        """
        asked = self.request(work.run.request)
        return self.run(asked, Context(work.check, work=work)).as_json()

    def request(self, values: Mapping[str, Any]) -> Asked:
        """Settings from a request's plain values."""
        return self.settings(**with_tuples(values))

    @property
    def entry(self) -> Entry:
        """Its row in the registry."""
        found = of_module(self.module or self.run.__module__)
        if found is None:
            raise LookupError(f"{self.run.__module__} is not in plantedu/topics/methods.py")
        return found

    def _options(self) -> Any:
        kind: Any = self.settings
        more: list[Any] = [("json", bool, field(default=False))]
        told = "json: Print the result as one JSON object on the last line."
        if self.saves is not None:
            more.append(("save", Path | None, field(default=None)))
            told += f"\n        save: Write it to this file, such as {self.like}."
        made = make_dataclass("Options", more, bases=(kind,), frozen=True)
        doc = (kind.__doc__ or "").rstrip()
        joint = "" if "Attributes:" in doc else "\n\n    Attributes:"
        made.__doc__ = f"{doc}{joint}\n        {told}\n"
        made.__module__ = kind.__module__
        return made


def _print(said: str) -> None:
    print(said, file=sys.stderr, flush=True)
