import shutil
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from plantedu.errors import DiskFullError, PlantEduError
from plantedu.store.database import Database, DatabaseBusyError


def insert(database, text):
    with database.write() as link:
        link.execute("INSERT INTO shares VALUES (1, ?)", (text,))


def fill(database):
    for number in range(100):
        insert(database, f"{number:05d}" + "x" * 10_000)


def learners(database):
    with database.read() as link:
        return [row["learner"] for row in link.execute("SELECT learner FROM shares")]


def test_a_writer_waits_for_another_process_and_nothing_is_lost(tmp_path, held_for):
    database = Database(tmp_path / "a.sqlite", patience=20)
    insert(database, "before")
    held_for(database.path, 1.0)
    began = time.monotonic()
    assert learners(database) == ["before"]  # readers do not wait
    Database(database.path, patience=0.1).close()  # nor does who opens
    assert time.monotonic() - began < 0.9
    insert(database, "after")
    assert learners(database) == ["after", "before"]
    database.close()


def test_a_database_held_too_long_is_said_to_be_busy(tmp_path, held_for):
    database = Database(tmp_path / "a.sqlite", patience=0.2)
    held_for(database.path, 30)
    with pytest.raises(DatabaseBusyError, match=r"held by another process for more than 0\.2 s"):
        insert(database, "never")
    assert learners(database) == []
    database.close()


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path):
    database = Database(tmp_path / "a.sqlite")
    insert(database, "kept")
    with database.read() as link:
        pages = link.execute("PRAGMA page_count").fetchone()[0]
        link.execute(f"PRAGMA max_page_count={pages}")  # as full as a disk can be
    with pytest.raises(DiskFullError, match=r"is full; what was stored before is kept"):
        insert(database, "x" * 100_000)
    assert learners(database) == ["kept"]
    database.close()


@pytest.mark.skipif(shutil.which("mount") is None, reason="needs mount")
def test_a_really_full_disk_is_said_and_what_was_written_stays(tmp_path):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "plantedu-test", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("may not mount here")
    try:
        database = Database(tmp_path / "a.sqlite")
        insert(database, "kept")
        with pytest.raises(DiskFullError, match="is full"):
            fill(database)
        written = learners(database)
        assert "kept" in written
        assert 2 < len(written) < 99
        database.close()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_writer_has_the_lock_before_it_reads(tmp_path):
    first, second = (Database(tmp_path / "a.sqlite", patience=0.1) for _ in range(2))
    with first.write() as link:
        assert link.execute("SELECT count(*) FROM shares").fetchone()[0] == 0
        with pytest.raises(DatabaseBusyError):
            insert(second, "in between")
    insert(second, "after")
    first.close()
    second.close()


def test_all_or_nothing(tmp_path):
    database = Database(tmp_path / "a.sqlite")
    with pytest.raises(KeyError), database.write() as link:  # noqa: PT012
        link.execute("INSERT INTO shares VALUES (1, 'half')")
        raise KeyError
    assert learners(database) == []
    insert(database, "whole")
    assert learners(database) == ["whole"]
    database.close()


def test_many_threads_write_through_one_database(tmp_path):
    database = Database(tmp_path / "a.sqlite", patience=30)
    names = [f"{number:03d}" for number in range(40)]
    threads = [threading.Thread(target=insert, args=(database, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert learners(database) == names
    database.close()


def test_many_processes_make_the_file_at_once(tmp_path):
    code = "import sys; from pathlib import Path; from plantedu.store.database import Database;"
    code += "Database(Path(sys.argv[1]))"
    words = [sys.executable, "-c", code, str(tmp_path / "new" / "a.sqlite")]
    started = [subprocess.Popen(words) for _ in range(4)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]


@pytest.mark.parametrize("content", [b"this is no database, but long enough " * 20, b"PK\x03\x04"])
def test_a_strange_file_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    with pytest.raises(PlantEduError, match="Move it away"):
        Database(path)
    assert path.read_bytes() == content


def test_a_newer_layout_is_refused(tmp_path):
    path = tmp_path / "a.sqlite"
    link = sqlite3.connect(path)
    link.execute("PRAGMA user_version=99")
    link.close()
    with pytest.raises(PlantEduError, match="written by a newer plantedu"):
        Database(path)


def test_a_place_that_cannot_be_opened_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PlantEduError, match="cannot be opened"):
        Database(tmp_path / "file" / "a.sqlite")


def test_who_shares_a_host_learns_no_path_of_it(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(PlantEduError, match=str(tmp_path)):
        Database(tmp_path / "file" / "a.sqlite")
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    with pytest.raises(PlantEduError, match=r"^a\.sqlite cannot be opened"):
        Database(tmp_path / "file" / "a.sqlite")


def test_an_older_store_opens_and_gets_the_tables_that_it_lacks(tmp_path):
    Database(tmp_path / "a.sqlite").close()
    link = sqlite3.connect(tmp_path / "a.sqlite")
    link.execute("INSERT INTO shares VALUES (1, 'ann')")
    link.execute("DROP TABLE events")
    link.execute("PRAGMA application_id=0")  # from before stores had a number
    link.commit()
    link.close()
    book = "CREATE TABLE IF NOT EXISTS book (page INTEGER)"
    database = Database(tmp_path / "a.sqlite", tables=(book,))
    with database.write() as link:
        link.execute("INSERT INTO book VALUES (7)")
    with database.read() as link:
        assert link.execute("SELECT page FROM book").fetchall()[0]["page"] == 7
        assert link.execute("SELECT count(*) FROM events").fetchone()[0] == 0
    assert learners(database) == ["ann"]
    database.close()


def test_where_the_tables_cannot_be_made_yet_it_reads_as_empty(tmp_path, held_for):
    Database(tmp_path / "a.sqlite").close()
    held_for(tmp_path / "a.sqlite", 1.5)
    began = time.monotonic()
    book = "CREATE TABLE IF NOT EXISTS book (page INTEGER)"
    database = Database(tmp_path / "a.sqlite", patience=20, tables=(book,))
    with database.read() as link:
        assert link.execute("SELECT page FROM book").fetchall() == []
    assert time.monotonic() - began < 1.2  # nobody waited for the writer
    with database.write() as link:
        link.execute("INSERT INTO book VALUES (7)")
    with database.read() as link:
        assert link.execute("SELECT page FROM book").fetchall()[0]["page"] == 7
    database.close()
