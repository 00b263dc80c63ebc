"""Who comes from where, so that one visitor with many tokens does not take the place of many.

A token is free: whoever wants another opens the page again. So limits hold for tokens, for the
address behind them and for a class too, and learners who wait take turns by address. An address is
kept as

    party = HMAC-SHA256(key, address), its first 16 hexadecimal digits

with a key that is made at each start of the server and nowhere written, and forgotten with its
learner a day after the last visit.
"""

import hmac
import secrets
import sqlite3
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from plantedu.errors import PlantEduError, require
from plantedu.store.database import Database
from plantedu.store.limits import Limits, limits

KEY = secrets.token_bytes(32)
DAY = 86_400.0
BLOCKED = "Whoever hosts the course has closed this address for you. Ask them why."
ALL = "all of its address"

# A party is an address where it is known, else the learner by themselves. `runs` needs an alias.
PARTY = (
    "coalesce((SELECT nullif(party, '') FROM visitors WHERE visitors.learner = runs.learner), "
    "runs.learner)"
)


def party_of(address: str) -> str:
    """A name for an address that tells nobody the address; "" for none."""
    if not address:
        return ""
    return hmac.new(KEY, address.encode(), sha256).hexdigest()[:16]


class Visitors:
    """The visitors of a day, in the same file as the runs."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self._database, self._now = Database(path), now

    def arrive(self, learner: str, *, party: str, room: str = "") -> None:
        """Note where a learner comes from, and with which class; who is blocked stays so.

        Raises:
            PlantEduError: for a token or an address that the host has blocked.
        """
        now = self._now()
        self.check(learner, party)
        with self._database.write(lasting=False) as link:
            link.execute("DELETE FROM visitors WHERE seen < ? AND blocked = ''", (now - DAY,))
            link.execute(
                "INSERT INTO visitors (learner, party, room, seen) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (learner) DO UPDATE SET party = excluded.party, "
                "room = excluded.room, seen = excluded.seen",
                (learner, party, room, now),
            )

    def check(self, learner: str, party: str = "") -> None:
        """Turn away who is blocked.

        Raises:
            PlantEduError: for a token or an address that the host has blocked.
        """
        with self._database.read() as link:
            check_blocked(link, learner, party)

    def block(self, learner: str, *, address: bool = False) -> None:
        """Turn a learner away from now on, or with them all of their address.

        Raises:
            PlantEduError: where the address is wanted of a learner who was not here today.
        """
        with self._database.write() as link:
            row = link.execute(
                "SELECT party FROM visitors WHERE learner = ?", (learner,)
            ).fetchone()
            require(
                not address or (row is not None and bool(row["party"])),
                "Nobody knows the address of this learner: it is kept for a day after a visit.",
            )
            link.execute(
                "INSERT INTO visitors (learner, seen, blocked) VALUES (?, ?, ?) "
                "ON CONFLICT (learner) DO UPDATE SET blocked = excluded.blocked",
                (learner, self._now(), ALL if address else "token"),
            )

    def unblock(self, learner: str) -> None:
        """Let a learner in again, and all of their address."""
        with self._database.write() as link:
            link.execute("UPDATE visitors SET blocked = '' WHERE learner = ?", (learner,))

    def blocked(self) -> list[tuple[str, str]]:
        """Tokens that are turned away, and whether their whole address is."""
        with self._database.read() as link:
            rows = link.execute("SELECT learner, blocked FROM visitors WHERE blocked != ''")
            return [(row["learner"], row["blocked"]) for row in rows]


def check_blocked(link: sqlite3.Connection, learner: str, party: str = "") -> None:
    """Raise for who is blocked; see `Visitors.check`."""
    found = link.execute(
        "SELECT 1 FROM visitors WHERE blocked != '' AND (learner = ? OR (blocked = ? AND "
        "party != '' AND party IN (?, (SELECT party FROM visitors WHERE learner = ?))))",
        (learner, ALL, party, learner),
    ).fetchone()
    require(found is None, BLOCKED)


def check_party(
    link: sqlite3.Connection, lane: str, learner: str, now: float, bounds: Limits | None = None
) -> None:
    """Refuse more runs of an address or a class that has many waiting, or asks too fast.

    Raises:
        PlantEduError: for who is one too many.
    """
    bounds = bounds or limits()
    row = link.execute("SELECT party, room FROM visitors WHERE learner = ?", (learner,)).fetchone()
    if row is None or not bounds.party:
        return
    for column, most, what in (("party", bounds.party, "address"), ("room", bounds.room, "class")):
        if not row[column]:
            continue
        same = f"learner IN (SELECT learner FROM visitors WHERE {column} = ?)"
        waiting = link.execute(
            f"SELECT count(*) FROM runs WHERE lane = ? AND state = 'queued' AND {same}",
            (lane, row[column]),
        ).fetchone()[0]
        lately = link.execute(
            f"SELECT count(*) FROM runs WHERE created > ? AND {same}", (now - 60, row[column])
        ).fetchone()[0]
        if waiting >= most or lately >= 3 * most:
            raise PlantEduError(
                f"{waiting} runs of your {what} wait and {lately} were asked for within a minute; "
                f"{most} may wait at once. Wait a little, or replay a recorded run."
            )


def fair_share(link: sqlite3.Connection, lane: str, learner: str, line: int) -> tuple[int, int]:
    """How many runs a learner's party has waiting in a lane, and how many it may have when the
    line is full: the line shared evenly among the parties that wait. None where its address is not
    known, or the line is twice as long as it may be."""
    rows = link.execute(
        f"SELECT {PARTY} AS party, count(*) AS n FROM runs "
        "WHERE lane = ? AND state = 'queued' GROUP BY 1",
        (lane,),
    ).fetchall()
    found = link.execute("SELECT party FROM visitors WHERE learner = ?", (learner,)).fetchone()
    own = found["party"] if found else ""
    counts = {row["party"]: row["n"] for row in rows}
    if not own or sum(counts.values()) >= 2 * line:
        return 0, 0
    return counts.get(own, 0), max(2, line // len(counts.keys() | {own}))
