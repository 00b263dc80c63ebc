"""What who hosts the course can ask in a terminal."""

import subprocess
import sys

import pytest

from plantedu.__main__ import main
from plantedu.commands.host import Keep
from plantedu.jobs.snapshot_generations import generations, run_ids


def test_load_snapshot_and_back(store, tmp_path, capsys):
    run_id = store.submit("kept", {}, lane="analysis", learner="ann")
    (store.folder(run_id) / "x1.png").write_bytes(b"a picture")
    assert main(["host", "snapshot", str(tmp_path / "disk")]) == 0
    assert "1 files" in capsys.readouterr().out
    assert main(["host", "restore", str(tmp_path / "disk")]) == 0
    assert "nothing to restore" in capsys.readouterr().out
    assert main(["host", "load"]) == 0
    assert "analysis" in capsys.readouterr().out
    assert main(["host", "load", "--json"]) == 0
    assert '"waiting": 1' in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_one_sentence(store, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["host", "snapshot", str(tmp_path / "file")]) == 2
    assert "could be written" in capsys.readouterr().err


@pytest.fixture
def keeper(store, tmp_path):
    """A server that is somebody else's process, and the copies that are made while it lives."""
    nap = [sys.executable, "-c", "import time; time.sleep(60)"]
    words = [sys.executable, "-m", "plantedu", "host", "snapshot", str(tmp_path / "disk")]
    server = subprocess.Popen(nap)
    words += ["--every", "30", "--server", str(server.pid)]
    copies = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield server, copies
    for process in (server, copies):
        process.kill()
        process.communicate()


@pytest.mark.parametrize("ends", ["server ends", "asked to stop"])
def test_one_more_copy_at_a_clean_stop(keeper, store, tmp_path, ends, until):
    server, copies = keeper
    until(lambda: generations(tmp_path / "disk"))
    run_id = store.submit("kept", {}, lane="analysis")  # a second before the end
    if ends == "server ends":
        server.kill()
        server.wait()
    else:
        copies.terminate()
    said, _ = copies.communicate(timeout=30)
    assert copies.returncode == 0
    assert said.count("snapshot:") == 2
    assert run_ids(generations(tmp_path / "disk")[0].path) == {run_id}


def test_a_copy_that_fails_is_said_and_the_next_is_tried(store, tmp_path, monkeypatch, capsys):
    disk = tmp_path / "disk"
    disk.write_text("no folder yet")
    keep = Keep(disk, every=30.0)
    keep.try_once()
    assert "could be written" in capsys.readouterr().err
    disk.unlink()
    keep.try_once()
    assert "snapshot:" in capsys.readouterr().out


def test_generations_are_listed_and_a_named_one_is_brought_back(
    store, tmp_path, monkeypatch, capsys
):
    main(["host", "snapshot", str(tmp_path / "disk")])
    name = generations(tmp_path / "disk")[0].path.name
    store.submit("kept", {}, lane="analysis")
    main(["host", "snapshot", str(tmp_path / "disk")])
    capsys.readouterr()
    assert main(["host", "generations", str(tmp_path / "disk")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert said[1].startswith(f"{name}  ")
    assert said[1].endswith("0 rows")
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path / "new"))
    assert main(["host", "restore", str(tmp_path / "disk"), "--name", name]) == 0
    assert f"restored {name}" in capsys.readouterr().out


def test_a_mount_that_comes_late_is_waited_for(store, tmp_path, monkeypatch, capsys):
    main(["host", "snapshot", str(tmp_path / "disk")])
    monkeypatch.setenv("PLANTEDU_HOME", str(tmp_path / "new"))
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            (tmp_path / "disk").rename(tmp_path / "mount")

    monkeypatch.setattr("plantedu.commands.host.time.sleep", nap)
    capsys.readouterr()
    assert main(["host", "restore", str(tmp_path / "mount"), "--wait", "60"]) == 0
    assert "restored 00000001-" in capsys.readouterr().out
    assert len(naps) == 3
