"""The tables: each is made where it is missing, so that an older store gains it."""

import sqlite3

from plantedu.store.database import TABLE, Database
from plantedu.store.schema import SCHEMA


def test_every_statement_may_be_said_again():
    statements = [one.strip() for one in SCHEMA.split(";") if one.strip()]
    assert all("IF NOT EXISTS" in one for one in statements)
    link = sqlite3.connect(":memory:")
    for _ in range(2):
        link.executescript(SCHEMA)
    link.close()


def test_a_store_without_visitors_gains_them(tmp_path):
    path = tmp_path / "old.sqlite"
    Database(path).close()
    link = sqlite3.connect(path)
    link.execute("DROP TABLE visitors")
    link.close()
    Database(path).close()
    link = sqlite3.connect(path)
    names = {name for (name,) in link.execute("SELECT name FROM sqlite_master")}
    link.close()
    assert {found[1] for found in TABLE.finditer(SCHEMA)} <= names
