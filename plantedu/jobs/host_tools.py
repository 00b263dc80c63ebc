"""What a host may do when somebody fills the course: empty the queue, end classes, block a token.

Each is `python -m plantedu host ...`; nothing is asked back, and what was done is printed.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Literal

import tyro

from plantedu.errors import PlantEduError, require
from plantedu.store.store import Store
from plantedu.store.visitors import Visitors

Token = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="TOKEN")]


@dataclass(frozen=True)
class Purge:
    """Empty the queue, end classes, or cancel runs.

    Attributes:
        what: queue: what waits; runs: what waits, runs or is paused; classes: those with fewer
            members than `--fewer`.
        learner: Of this token alone, and of all tokens of its address with --address.
        address: With all of the learner's address.
        fewer: Classes with fewer members end.
    """

    what: Annotated[Literal["queue", "runs", "classes"], tyro.conf.Positional]
    learner: str = ""
    address: bool = False
    fewer: int = 2

    def __call__(self) -> None:
        """Do it, and say how many."""
        store = Store()
        if self.what == "classes":
            print(f"{end_classes(store, self.fewer)} classes ended")
        else:
            states = ("queued",) if self.what == "queue" else ("queued", "paused", "running")
            print(f"{cancel_runs(store, states, self.learner, self.address)} runs cancelled")
        store.close()


@dataclass(frozen=True)
class Block:
    """Turn a learner away.

    Attributes:
        learner: The token, as it stands in the address of their page.
        address: With all of their address; known for a day after a visit.
    """

    learner: Token
    address: bool = False

    def __call__(self) -> None:
        """Do it, and cancel what they have asked for."""
        store = Store()
        Visitors(store.path).block(self.learner, address=self.address)
        states = ("queued", "paused", "running")
        print(f"blocked; {cancel_runs(store, states, self.learner, self.address)} runs cancelled")
        store.close()


@dataclass(frozen=True)
class Unblock:
    """Let a learner in again.

    Attributes:
        learner: The token.
    """

    learner: Token

    def __call__(self) -> None:
        """Do it, and say who is still turned away."""
        visitors = Visitors(Store().path)
        visitors.unblock(self.learner)
        print(
            "\n".join(f"{token} {what}" for token, what in visitors.blocked()) or "nobody blocked"
        )


def cancel_runs(store: Store, states: tuple[str, ...], learner: str, address: bool) -> int:
    """Cancel runs of these states, of all or of a learner; how many.

    Raises:
        PlantEduError: where the address is wanted of a learner who was not here today.
    """
    whose = learners_of(store, learner, address) if learner else None
    count = 0
    for state in states:
        for run in store.runs(state, limit=100_000):
            if whose is None or run.learner in whose:
                with suppress(PlantEduError):  # it has ended meanwhile
                    store.cancel(run.id)
                    count += 1
    return count


def learners_of(store: Store, learner: str, address: bool) -> set[str]:
    """A learner, or all who came from the same address today."""
    if not address:
        return {learner}
    with store.database.read() as link:
        rows = link.execute(
            "SELECT learner FROM visitors WHERE party != '' AND party = "
            "(SELECT party FROM visitors WHERE learner = ?)",
            (learner,),
        ).fetchall()
    require(bool(rows), "Nobody knows the address of this learner: it is kept for a day.")
    return {row["learner"] for row in rows}


def end_classes(store: Store, fewer: int) -> int:
    """End classes with fewer members; how many there were."""
    with store.database.write() as link:
        names = {row["name"] for row in link.execute("SELECT name FROM sqlite_master")}
        if "classes" not in names:
            return 0
        rows = link.execute(
            "SELECT code FROM classes WHERE (SELECT count(*) FROM members "
            "WHERE members.class = classes.code) < ?",
            (fewer,),
        ).fetchall()
        codes = [(row["code"],) for row in rows]
        for table, column in (("members", "class"), ("released", "class"), ("begun", "code")):
            if table in names:
                link.executemany(f"DELETE FROM {table} WHERE {column} = ?", codes)
        link.executemany("DELETE FROM classes WHERE code = ?", codes)
    return len(codes)
