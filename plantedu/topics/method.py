"""One method of the course: from settings to a result, in a terminal, in a worker, for a page.

    METHOD = Method(Settings, run, tell)

`run(settings, context)` computes; `tell(result)` prints it. The rest is the same for every method
and stands here: options from the settings, `--json`, files that are tried before the work, the
request of a job, progress, cancelling.
"""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, make_dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import tyro
from tqdm import tqdm

from plantedu.errors import require
from plantedu.output_paths import check_file, check_folder
from plantedu.serialization import revived, settings_of, with_tuples
from plantedu.store.paths import home
from plantedu.store.run import PHASE, Metric
from plantedu.store.work import Work
from plantedu.topics.methods import Entry, of_module
from plantedu.zoo.resolve import asked_file, checkpoint_file


class Result(Protocol):
    """What a method gives."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        ...


Settings = TypeVar("Settings")
Found = TypeVar("Found", bound=Result)


def _nothing() -> None:
    """Nobody wishes to stop."""


def _silent(doing: str) -> None:
    """Nobody listens."""


def _uncounted(done: int, of: int) -> None:
    """Nobody counts."""


@dataclass(frozen=True)
class Context:
    """Where a method runs.

    Attributes:
        check: Called between passes; may raise to stop.
        progress: Called with what is being done, in words.
        step: Called with how many parts are done, and of how many.
        save: The file that a terminal asked to write to; None for none.
        work: The worker's hold on the run, where a page asks; it may name what ships and runs, and
            no other file. None in a terminal.
    """

    check: Callable[[], None] = _nothing
    progress: Callable[[str], None] = _silent
    step: Callable[[int, int], None] = _uncounted
    save: Path | None = None
    work: Work | None = None

    @property
    def home(self) -> Path:
        """The folder of runs, banks and caches on this machine."""
        return home()

    @property
    def bank(self) -> Path:
        """Where rendered pairs are kept between runs."""
        return home() / "bank"

    def place(self, name: str = "") -> Path | None:
        """Where files of the result go: where a terminal asked, or `name` in the run's folder."""
        if self.work is None:
            return self.save
        return self.work.store.folder(self.work.run.id) / name

    def restart(self) -> None:
        """Forget the curves that an attempt before this one logged."""
        if self.work is not None:
            self.work.store.rewind(self.work.run.id, -1)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """A point of a run's curves; a terminal keeps none."""
        if self.work is not None:
            points = [Metric(step, name, value) for name, value in values.items()]
            self.work.store.log(self.work.run.id, points, step=step)

    def event(self, step: int, name: str, detail: str = "") -> None:
        """Something that happened to a run at a step; a terminal keeps none."""
        if self.work is not None:
            self.work.store.event(self.work.run.id, step, name, detail)

    def checkpoint(self, words: str) -> Path:
        """The file that some words mean; see `zoo.resolve`.

        Raises:
            PlantEduError: for words that mean none, or a file where a page asks.
        """
        if self.work is not None:
            return asked_file(words, self.work.store.folder)
        return checkpoint_file(words)


@dataclass(frozen=True)
class Method(Generic[Settings, Found]):
    """One method.

    Attributes:
        settings: Frozen dataclass of what can be asked; its docstring is the help.
        run: Computes.
        tell: Prints a result in a terminal.
        saves: What the file that a terminal may ask for is called, or the folder, with a slash at
            its end; the path is tried before the work and stands in the context.
        saved_by: The option that names it.
        here_alone: Settings that a terminal may give and a page may not, such as files.
        module: Where its row in the registry is; that of `run` by default.
    """

    settings: type[Settings]
    run: Callable[[Settings, Context], Found]
    tell: Callable[[Found], None]
    saves: str = ""
    saved_by: str = "save"
    here_alone: tuple[str, ...] = ()
    module: str = ""

    def main(self, argv: list[str]) -> int:
        """Run it in a terminal: the settings as options, `--json`, `--save`.

        Raises:
            PlantEduError: for what cannot be done.
        """
        chosen = tyro.cli(self._options(), args=argv, prog=f"python -m plantedu {self.entry.words}")
        save = getattr(chosen, self.saved_by, None) if self.saves else None
        if self.saves.endswith("/"):
            check_folder(save)
        else:
            check_file(save, like=self.saves)
        with _bar() as step:
            context = Context(progress=_print, step=step, save=save)
            result = self.run(settings_of(chosen, self.settings), context)
        self.tell(result)
        if chosen.json:
            print(json.dumps(result.as_json()))
        return 0

    def job(self, work: Work) -> dict[str, Any]:
        """Do a run of a worker: the request is the settings.

        Raises:
            PlantEduError: for a request that cannot be.
        """

        def step(done: int, of: int) -> None:
            work.store.set_step(work.run.id, done, of)

        def progress(doing: str) -> None:
            work.store.event(work.run.id, 0, PHASE, doing)

        context = Context(work.check, progress, step=step, work=work)
        return self.run(self.request(work.run.request), context).as_json()

    def request(self, values: Mapping[str, Any]) -> Settings:
        """Settings from a request's plain values; what is not named is as by default.

        Raises:
            PlantEduError: for a setting that is not there, or is a terminal's alone.
        """
        known = {one.name for one in fields(self.settings)} - set(self.here_alone)  # type: ignore[arg-type]
        strange = sorted(set(values) - known)
        require(not strange, f"{self.entry.words} has no {', '.join(strange)} for a page.")
        default: Any = self.settings()
        return revived(self.settings, asdict(default) | with_tuples(values))

    @property
    def entry(self) -> Entry:
        """Its row in the registry."""
        module = self.module or self.run.__module__
        found = of_module(module)
        if found is None:
            raise LookupError(f"{module} is not in plantedu/topics/methods.py")
        return found

    def _options(self) -> Any:
        kind: Any = self.settings
        more: list[Any] = [("json", bool, field(default=False))]
        options = "json: Print the result as one JSON object on the last line."
        if self.saves:
            what = "folder" if self.saves.endswith("/") else "file"
            more.append((self.saved_by, Path | None, field(default=None)))
            options += f"\n        {self.saved_by}: Write it to this {what}, such as {self.saves}."
        made = make_dataclass("Options", more, bases=(kind,), frozen=True)
        doc = (kind.__doc__ or "").rstrip()
        joint = "" if "Attributes:" in doc else "\n\n    Attributes:"
        made.__doc__ = f"{doc}{joint}\n        {options}\n"
        made.__module__ = kind.__module__
        return made


def _print(doing: str) -> None:
    print(doing, file=sys.stderr, flush=True)


@contextmanager
def _bar() -> Any:
    """A bar that appears with the first part that is done."""
    bars: list[Any] = []

    def step(done: int, of: int) -> None:
        bar = bars[0] if bars else tqdm(total=of, leave=False)
        bars[:] = [bar]
        bar.total = of
        bar.update(done - bar.n)

    try:
        yield step
    finally:
        for bar in bars:
            bar.close()
