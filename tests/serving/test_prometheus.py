"""The metrics as a library of Prometheus' own reads them, beside what the store says."""

from prometheus_client.parser import text_string_to_metric_families

from plantedu.jobs.snapshot_note import note_snapshot
from plantedu.serving.prometheus import metrics_text


def read(text):
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[(sample.name, *sample.labels.values())] = sample.value
    return found


def test_what_is_measured(store):
    text = metrics_text(store, lambda: 7)
    ids = [
        store.submit("kept", {"n": n}, lane="analysis", learner="a-learner-of-mine", fresh=True)
        for n in range(3)
    ]
    store.lease("analysis", "w")
    store.fail(ids[0], "it broke", worker="w")
    found = read(text())
    assert found["plantedu_sessions",] == 7
    assert found["plantedu_runs", "analysis", "waiting"] == 2
    assert found["plantedu_runs", "analysis", "failed"] == 1
    assert found["plantedu_worker_up", "training"] == 0
    assert found["plantedu_memory_bytes",] > found["plantedu_memory_used_bytes",] > 1e6
    assert found["process_resident_memory_bytes",] > 1e6
    assert ("plantedu_snapshot_success",) not in found
    assert "a-learner" not in text()


def test_the_last_snapshot(store):
    note_snapshot(store.path.parent, ok=True, now=1000.0)
    note_snapshot(store.path.parent, ok=False, error="the disk is full", now=2000.0)
    found = read(metrics_text(store, lambda: 0)())
    assert found["plantedu_snapshot_success",] == 0
    assert found["plantedu_snapshot_time_seconds",] == 1000
