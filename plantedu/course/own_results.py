"""What a learner's own run says of a bet: the number that settles it, beside its nulls.

A prediction's block names the kind of run, the settings that it must have, and the place of the
number in it: a metric of a training, or a place in what a method found.

    own="train data=field pairing=cross#probe/disease/both"      own="traps#/biased/2048"
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plantedu.errors import PlantEduError
from plantedu.store.run import Run
from plantedu.store.visible import VisibleStore

FORM = re.compile(r"(?P<kind>\w+)(?P<settings>(?: \w+=\S+)*)#(?P<place>/?\S.*)")
NULLS = {"random/": "random init", "null/": "shuffled labels", "chance/": "chance"}


@dataclass(frozen=True)
class OwnPlace:
    """Where the number stands in a run of the learner's own.

    Attributes:
        kind: Of the run.
        settings: That its request must have, as words.
        metric: Its name in a training; "" for a method's result.
        place: Names from the top of a method's result to the number; of a list, an index or a name.
    """

    kind: str
    settings: Mapping[str, str]
    metric: str
    place: tuple[str, ...]

    def fits(self, run: Run) -> bool:
        """Whether this run settles the bet: finished, of this kind, with these settings."""
        asked = {name: str(run.request.get(name)) for name in self.settings}
        return run.kind == self.kind and run.state == "done" and asked == dict(self.settings)


@dataclass(frozen=True)
class OwnNumber:
    """The number of one run, and what it would be if there were nothing to find, by control."""

    run: str
    value: float
    nulls: tuple[tuple[str, float], ...]


def own_place(text: str, at: str) -> OwnPlace:
    """What a block's `own` says.

    Raises:
        PlantEduError: where it has another form; names the block.
    """
    found = FORM.fullmatch(text)
    if found is None:
        raise PlantEduError(f'{at}: own="KIND setting=value#METRIC or #/PLACE"; got {text!r}.')
    settings = dict(pair.split("=", 1) for pair in found["settings"].split())
    where = found["place"]
    if where.startswith("/"):
        return OwnPlace(found["kind"], settings, "", tuple(where[1:].split("/")))
    return OwnPlace(found["kind"], settings, where, ())


def own_number(asked: OwnPlace, store: VisibleStore, learner: str) -> OwnNumber | None:
    """The number of the learner's newest run that has it; None where there is no such run."""
    for run in store.runs(kind=asked.kind, learner=learner, state="done", limit=20):
        if asked.fits(run):
            read = _of_training(asked.metric, run, store) if asked.metric else _of(asked, run)
            if read is not None and math.isfinite(read.value):
                return read
    return None


def _of_training(metric: str, run: Run, store: VisibleStore) -> OwnNumber | None:
    """The metric's last value, and that of its controls, named alike."""
    _, _, rest = metric.partition("/")
    controls = {f"{head}{rest}": said for head, said in NULLS.items()}
    found = store.metrics(run.id, [metric, *controls])
    if metric not in found:
        return None
    nulls = ((said, float(found[c].values[-1])) for c, said in controls.items() if c in found)
    return OwnNumber(run.id, float(found[metric].values[-1]), tuple(nulls))


def _of(asked: OwnPlace, run: Run) -> OwnNumber | None:
    """An Evidence, or a cell of a table `value` beside the same cell of the table `null`."""
    found = _at(run.result, asked.place)
    if isinstance(found, Mapping) and {"value", "null", "control"} <= set(found):
        nulls = ((str(found["control"]), float(found["null"])),)
        return OwnNumber(run.id, float(found["value"]), nulls)
    beside = _at(run.result, ["null" if word == "value" else word for word in asked.place])
    if isinstance(found, int | float) and isinstance(beside, int | float):
        return OwnNumber(run.id, float(found), (("shuffled plants", float(beside)),))
    return None


def _at(found: Any, place: Iterable[str]) -> Any:
    """What stands at a place; None where nothing does."""
    for word in place:
        if isinstance(found, Mapping):
            found = found.get(word)
        elif isinstance(found, list) and word.isdecimal():
            found = found[int(word)] if int(word) < len(found) else None
        elif isinstance(found, list):
            found = next((one for one in found if _name(one) == word), None)
        else:
            return None
    return found


def _name(one: Any) -> Any:
    return one.get("name") if isinstance(one, Mapping) else None
