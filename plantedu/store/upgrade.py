"""What a store of an earlier plantedu lacks: columns that its tables did not have then.

A table that is missing is made as it is; a column that is missing is added with its default, so
that an older store opens and keeps every row. Only what can be added so may change in `schema`:
a column that may be empty or has a default. Any other change needs a new `SCHEMA_VERSION` and a
step from the version before.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import lru_cache
from typing import NamedTuple


class Column(NamedTuple):
    """A column as it is declared; `default` is an expression of SQL, None for none."""

    name: str
    kind: str
    must: bool
    default: str | None

    @property
    def declared(self) -> str:
        """The words of its declaration."""
        default = "" if self.default is None else f" DEFAULT {self.default}"
        return f"{self.name} {self.kind}{' NOT NULL' if self.must else ''}{default}"


def missing_columns(link: sqlite3.Connection, tables: Sequence[str]) -> list[str]:
    """Statements that add the columns which tables of a database lack.

    Args:
        link: The database; a table that it does not have lacks none.
        tables: `CREATE TABLE` and `CREATE INDEX` statements, as they are today.
    """
    return [
        f"ALTER TABLE {table} ADD COLUMN {column.declared}"
        for table, wanted in columns(tuple(tables)).items()
        if (there := {one.name for one in _columns(link, table)})
        for column in wanted
        if column.name not in there
    ]


@lru_cache(maxsize=16)
def columns(tables: tuple[str, ...]) -> dict[str, tuple[Column, ...]]:
    """Columns of each table that these statements make."""
    with closing(sqlite3.connect(":memory:")) as link:
        for statement in tables:
            link.execute(statement)
        names = link.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: tuple(_columns(link, name)) for (name,) in names}


def _columns(link: sqlite3.Connection, table: str) -> list[Column]:
    rows = link.execute(f"PRAGMA table_info({table})").fetchall()
    return [Column(row[1], row[2], bool(row[3]), row[4]) for row in rows]
