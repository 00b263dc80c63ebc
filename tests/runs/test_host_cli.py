"""What who hosts the course can ask in a terminal."""

from plantedu.__main__ import main


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
    assert "No snapshot could be written" in capsys.readouterr().err


def test_copies_again_and_again_until_it_is_stopped(store, tmp_path, monkeypatch, capsys):
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("plantedu.runs.host_cli.time.sleep", nap)
    assert main(["host", "snapshot", str(tmp_path / "disk"), "--every", "5"]) == 130
    assert naps == [5.0] * 3
    assert capsys.readouterr().out.count("snapshot:") == 3
