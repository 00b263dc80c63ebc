"""A training on a disk that is really full: a small one in memory, where a test may mount it."""

import subprocess

import pytest

from plantedu.jobs.heartbeat import Heart
from plantedu.jobs.worker import do
from plantedu.store.store import Store
from plantedu.training.checkpoints import newest_checkpoint


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """A home of 16 MB: room for two checkpoints of the tiny recipe."""
    home = tmp_path / "small"
    home.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=16m", "plantedu-test", str(home)]
    try:
        mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount here")
    monkeypatch.setenv("PLANTEDU_HOME", str(home))
    yield home
    subprocess.run(["umount", str(home)], check=True)


def test_a_full_disk_fails_the_run_in_a_sentence_and_with_room_it_goes_on(small_disk, tiny):
    store = Store()
    run_id = store.submit("train", tiny.as_json(), lane="training", worker="w")
    with Heart(store, "w") as heart:
        do(store, store.run(run_id), heart)
        run = store.run(run_id)
        assert run.state == "failed"
        assert "The disk is full" in run.error
        assert "make room, then resume" in run.error
        kept = newest_checkpoint(store.folder(run_id))
        step = int(kept[1]["step"])
        assert 2 <= step < 7
        assert store.metrics(run_id)["loss"].steps.tolist()[:step] == list(range(1, step + 1))
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        do(store, store.resume(run_id, worker="w"), heart)
    assert store.run(run_id).state == "done"
    assert store.metrics(run_id)["loss"].steps.tolist() == list(range(1, 8))
    store.close()
