"""Do a reported run again: a closed list of kinds, and requests that name nothing of a machine.

What a report asks for is data. It chooses a kind from `AGAIN` and gives the settings of that kind,
which the kind's own checks refuse if they are wrong. A request that names a path or another run is
not done: what it names is not in the report.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.jobs.jobs import job_for
from plantedu.store.store import Store
from plantedu.store.work import NoWishes, Work
from plantedu.topics.methods import METHODS

AGAIN = ("train", *(one.kind for one in METHODS))
LONGEST_WORD, LONGEST_REQUEST, HOME = 200, 20_000, "PLANTEDU_HOME"


def cannot(record: Mapping[str, Any]) -> str:
    """Why a run is not done again; "" if it is."""
    kind, request = record.get("kind"), record.get("request")
    if kind not in AGAIN:
        return f"{str(kind)[:40]!r} is not on the list of what is done again"
    if not isinstance(request, Mapping) or not isinstance(record.get("result"), Mapping):
        return "it has no request or no result"
    names = [word for word in _words(request) if _of_a_machine(word)]
    if names:
        return f"it rests on {names[0][:60]!r}, which is not in the report"
    if len(json.dumps(request)) > LONGEST_REQUEST:
        return f"it asks in more than {LONGEST_REQUEST:,} letters"
    return ""


def _words(found: Any) -> list[str]:
    if isinstance(found, str):
        return [found]
    inside = found.values() if isinstance(found, Mapping) else found
    if isinstance(inside, str | bytes) or not hasattr(inside, "__iter__"):
        return []
    return [word for one in inside for word in _words(one)]


def _of_a_machine(word: str) -> bool:
    """Whether a word names a file, or a run that only its learner has; what ships is everywhere."""
    if _ships(word.removeprefix("shipped:")):
        return False
    paths = any(mark in word for mark in ("/", "\\", "..", "~")) or len(word) > LONGEST_WORD
    return paths or word.startswith("run:")


def _ships(name: str) -> bool:
    """Whether weights of this name ship, such as cues/mark-0."""
    from plantedu.publishing.registry import path_of

    try:
        return len(name) <= LONGEST_WORD and path_of(name).is_file()
    except PlantEduError:
        return False


@contextmanager
def _empty_home(place: str) -> Iterator[None]:
    """A home in which nothing is remembered: what was made before must not answer."""
    before = os.environ.get(HOME)
    os.environ[HOME] = place
    try:
        yield
    finally:
        os.environ.pop(HOME)
        if before is not None:
            os.environ[HOME] = before


def again(record: Mapping[str, Any]) -> dict[str, Any]:
    """The result of the same request, made on this machine.

    Raises:
        PlantEduError: for a kind that is not on the list, or settings that it refuses.
    """
    kind, request = str(record["kind"]), dict(record["request"])
    require(kind in AGAIN, f"{kind!r} is not on the list of what is done again.")
    with tempfile.TemporaryDirectory() as place, _empty_home(place):
        store = Store()
        try:
            run_id = store.submit(kind, request, lane="training", worker="verify")
            work = Work(store, store.run(run_id), NoWishes())
            return job_for(kind)(work)
        except (TypeError, KeyError, ValueError) as error:
            raise PlantEduError(f"the {kind} refuses this request ({error})") from error
        finally:
            store.close()
