"""The store as one learner sees it: where learners are kept apart, runs of others are not there.

Pages offer a learner only their own runs, and Streamlit takes only what was offered. This is the
second line behind that: whatever id or name reaches a page or a job, it is looked up through here,
and opens nothing that belongs to somebody else.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from plantedu.errors import require
from plantedu.store import submission
from plantedu.store.limits import limits
from plantedu.store.run import Run, find, named
from plantedu.store.store import Store

RUN = re.compile(r"\brun:([^@#/\s]*)")
FILE = re.compile(  # no name of what ships or of a run: a place on a disk, or on a server
    r"^(file:|[a-z]+://|[a-z]:[\\/]|[/~\\.])|\.\.|\\"
    r"|\.(safetensors|npz|npy|csv|json|zip|png|jpe?g|sqlite)$",
    re.IGNORECASE,
)


class VisibleStore(Store):
    """A store through which a learner sees and touches only runs that they have a share in.

    Attributes:
        viewer: The learner's token; "" sees all, as a terminal does.
        also: Ids of runs that may be seen too: the one that a job is for, and its parent.
    """

    def __init__(self, store: Store, viewer: str, *, also: Collection[str | None] = ()) -> None:
        self.path, self.database, self.clock = store.path, store.database, store.clock
        self.viewer, self.also = viewer, also

    def _find(self, link: Connection, run_id: str) -> tuple[int, Run]:
        number, run = find(link, run_id)
        if self.viewer and limits().private and run.id not in self.also:
            require(
                submission.has_share(link, number, self.viewer),
                f"There is no run {named(run_id)} of yours.",
            )
        return number, run

    def runs(
        self,
        state: str | None = None,
        kind: str | None = None,
        learner: str | None = None,
        limit: int = 200,
    ) -> list[Run]:
        """The newest runs first, of those that are seen."""
        mine = self.viewer if self.viewer and limits().private else None
        return super().runs(state, kind, mine or learner, limit)

    def folder(self, run_id: str) -> Path:
        """The folder of a run that is seen.

        Raises:
            PlantEduError: if there is none of this id, or it is another learner's.
        """
        with self.database.read() as link:
            self._find(link, run_id)
        return super().folder(run_id)

    def submit(self, kind: str, request: Mapping[str, Any], **words: Any) -> str:
        """Ask for a run in the viewer's name; see `Store.submit`.

        Raises:
            PlantEduError: for a request that names a file, or a run of another learner.
        """
        words["learner"] = self.viewer or words.get("learner", "")
        check_request(self, request)
        if words.get("parent"):
            self.run(words["parent"])
        return super().submit(kind, request, **words)

    def cancel(self, run_id: str, *, learner: str = "") -> Run:
        """Stop a run, or leave it; see `Store.cancel`."""
        return super().cancel(run_id, learner=self.viewer or learner)

    def pause(self, run_id: str, *, learner: str = "") -> Run:
        """Keep a run back; see `Store.pause`."""
        return super().pause(run_id, learner=self.viewer or learner)

    def resume(self, run_id: str, *, worker: str = "", learner: str = "") -> Run:
        """Go on with a run; see `Store.resume`."""
        return super().resume(run_id, worker=worker, learner=self.viewer or learner)


def of_job(store: Store, run: Run) -> VisibleStore:
    """The store as the job of a run sees it: what its learner sees, itself, and its parent.

    Raises:
        PlantEduError: for a request that names a file, or a run of another learner.
    """
    seen = VisibleStore(store, run.learner, also=(run.id, run.parent))
    check_request(seen, run.request)
    return seen


def check_request(seen: VisibleStore, request: Mapping[str, Any]) -> None:
    """Refuse a learner's request that names a file, or a run that they do not see.

    Raises:
        PlantEduError: for such a name, wherever it stands in the request.
    """
    if not seen.viewer:
        return
    for text in texts(request):
        require(
            FILE.search(text) is None,
            "A page names what ships and what runs have made, not files of this machine.",
        )
        for run_id in RUN.findall(text):
            seen.run(run_id)


def texts(value: object) -> Iterator[str]:
    """Every text in a nested value, names of fields left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inside in value.values():
            yield from texts(inside)
    elif isinstance(value, list | tuple):
        for inside in value:
            yield from texts(inside)
