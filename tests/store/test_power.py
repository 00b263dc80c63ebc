"""Loss of power: what a learner was shown as kept is on the disk by then, in each of its places."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from plantedu.store.store import FILE

PROGRAM = Path(__file__).with_name("power.py")
HEAD, FRAME = 32, 24 + 4096  # bytes of a write-ahead log's head, and of one frame
TABLES = ("predictions", "progress", "claims", "classes", "runs")


@pytest.fixture
def after(tmp_path):
    """The disk after an acknowledgement, by table: what was written, and what was synced."""
    if sys.platform != "linux" or sys.maxsize < 2**32:
        pytest.skip("knows SQLite's structures on 64-bit Linux")

    def acknowledged(table):
        folder = tmp_path / table
        folder.mkdir()
        subprocess.run([sys.executable, str(PROGRAM), str(folder), table], check=True, timeout=60)
        written, synced = folder / f"written-{FILE}-wal", folder / "synced" / f"{FILE}-wal"
        return folder, written.read_bytes(), synced.read_bytes() if synced.exists() else b""

    return acknowledged


def left(folder, log, table):
    """Rows of a table after a loss that left so much of the log; the database is sound."""
    disk = folder / "disk"
    shutil.rmtree(disk, ignore_errors=True)
    disk.mkdir()
    shutil.copy(folder / "synced" / FILE, disk / FILE)
    (disk / f"{FILE}-wal").write_bytes(log)
    with closing(sqlite3.connect(disk / FILE)) as link:
        assert link.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        there = {name for (name,) in link.execute("SELECT name FROM sqlite_master")}
        return link.execute(f"SELECT count(*) FROM {table}").fetchone()[0] if table in there else 0


@pytest.mark.parametrize("table", TABLES)
def test_what_was_told_is_kept_survives_wherever_the_rest_is_cut(after, table):
    folder, written, synced = after(table)
    assert written.startswith(synced)
    for end in (len(synced), *range(len(synced) + FRAME, len(written) + 1, FRAME)):
        assert left(folder, written[:end], table) == 1


def test_a_log_cut_at_every_frame_is_an_earlier_moment(after):
    """All of a transaction is there or nothing, also where a frame is half written."""
    folder, written, _ = after("predictions")
    frames = range(HEAD, len(written) + 1, FRAME)
    assert len(frames) >= 3
    found = [
        left(folder, written[: end + more], "predictions") for end in frames for more in (0, 100)
    ]
    assert found[0] == 0
    assert found[-1] == 1
    assert found == sorted(found)
