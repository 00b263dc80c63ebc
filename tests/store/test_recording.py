import gzip
import json
import math
import shutil

import pytest

from plantedu.errors import PlantEduError
from plantedu.store.recording import (
    amended,
    export_run,
    read_recording,
    recording,
    recordings,
)
from plantedu.store.run import Event, Metric


@pytest.fixture
def run_id(store):
    """A run of 20 steps, half a second each, that was paused once."""
    run_id = store.submit("train", {"steps": 20}, lane="training", name="cross", worker="w")
    store.set_step(run_id, 0, 20)
    for step in range(21):
        rows = [
            Metric(step, "loss", 1 / (step + 1), seconds=step / 2),
            Metric(step, "probe/disease/both", 0.1 * step / 3, 0.0, 1.0, seconds=step / 2),
        ]
        store.log(run_id, rows, step=step)
    store.log(run_id, [Metric(7, "odd", math.nan, seconds=3.5), Metric(8, "odd", math.inf)])
    store.log(run_id, [], events=[Event(5, "queue on", "512", 1.0, 2.5)])
    store.pause(run_id)
    store.stopped(run_id, "pause", worker="w")
    store.resume(run_id, worker="w")
    (store.folder(run_id) / "crops.png").write_bytes(b"picture")
    store.finish(run_id, {"last": {"loss": 1 / 21}}, worker="w")
    return run_id


@pytest.fixture
def made(store, run_id, plantedu_home):
    return export_run(store, run_id, plantedu_home / "recordings" / "cross-seed0")


def test_a_recording_holds_all_that_a_page_shows(store, run_id, made):
    found = recording("cross-seed0")
    assert found == made
    assert (found.kind, found.title, found.steps, found.rows) == ("train", "cross", 20, 44)
    assert found.seconds >= 10.0
    assert found.request == {"steps": 20}
    assert found.result == {"last": {"loss": 1 / 21}}
    rows = found.metrics()
    times = [row.seconds for row in rows]
    assert times == sorted(times)
    for name, series in store.metrics(run_id).items():
        mine = sorted((row for row in rows if row.name == name), key=lambda row: row.step)
        assert [row.step for row in mine] == series.steps.tolist()
        assert str([row.value for row in mine]) == str(series.values.tolist())
    assert [(e.step, e.name, e.seconds) for e in found.events()] == [(5, "queue on", 2.5)]
    assert (made.folder / "crops.png").read_bytes() == b"picture"


def test_numbers_measured_afterwards_join_a_recording_once(made):
    rest = [row for row in made.metrics() if not row.name.startswith("random/")]
    for value in (0.5, 0.7):  # the second takes the place of the first
        control = [Metric(0, "random/disease/both", value, 0.4, 0.8, 1.0)]
        found = amended(made.folder, control)
        assert found.rows == made.rows + 1
        added = [row for row in found.metrics() if row.name.startswith("random/")]
        assert added == control
        kept = [row for row in found.metrics() if not row.name.startswith("random/")]
        assert str(kept) == str(rest)
    assert (found.title, found.request, found.seconds) == (made.title, made.request, made.seconds)


def test_the_same_run_gives_the_same_bytes(store, run_id, made, tmp_path):
    other = export_run(store, run_id, tmp_path / "cross-seed0")
    for name in ("run.json", "metrics.csv.gz", "events.json"):
        assert (other.folder / name).read_bytes() == (made.folder / name).read_bytes()
    again = export_run(store, run_id, made.folder, title="Cross, seed 0")  # replaces itself
    assert again.title == "Cross, seed 0"


def test_other_things_are_not_written_over(store, run_id, tmp_path):
    (tmp_path / "thesis.tex").write_text("ten years of work")
    with pytest.raises(PlantEduError, match=r"holds other things \(home, thesis\.tex\)"):
        export_run(store, run_id, tmp_path)
    with pytest.raises(PlantEduError, match="cannot be written"):
        export_run(store, run_id, tmp_path / "thesis.tex")


def test_a_run_without_numbers_is_no_recording(store, tmp_path):
    empty = store.submit("train", {}, lane="training")
    with pytest.raises(PlantEduError, match="has recorded nothing yet"):
        export_run(store, empty, tmp_path / "a")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("name", ["../cross-seed0", "/etc", "", ".", "cross-seed0/../cross-seed0"])
@pytest.mark.usefixtures("made")
def test_a_name_is_looked_up_and_never_joined(name):
    assert "cross-seed0" in recordings()
    with pytest.raises(PlantEduError, match=r"There is no recording .* there are: .*cross-seed0"):
        recording(name)


def test_a_damaged_recording_is_said(made):
    table = made.folder / "metrics.csv.gz"
    whole = table.read_bytes()
    table.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PlantEduError, match="is not the file that was recorded"):
        made.metrics()
    table.unlink()
    with pytest.raises(PlantEduError, match="cannot be read"):
        made.metrics()
    (made.folder / "events.json").write_text('[{"step": 1}]')
    with pytest.raises(PlantEduError, match="cannot be read as events"):
        made.events()


@pytest.mark.parametrize(
    "text", ["step,name\n1,loss\n", "step,name,value,low,high,seconds\n1,a\n", ""]
)
def test_strange_tables_are_said(made, text):
    from dataclasses import replace

    from plantedu.store.cards import file_hash

    table = made.folder / "metrics.csv.gz"
    table.write_bytes(gzip.compress(text.encode()))
    with pytest.raises(PlantEduError, match=r"has other columns|cannot be read as metrics"):
        replace(made, sha256=file_hash(table)).metrics()


def test_a_recording_of_before_has_the_names_of_today(made):
    path = made.folder / "run.json"
    older = {"kind": "denoise", "request": {"told": ["cross-0/h"]}}
    path.write_text(json.dumps(json.loads(path.read_text()) | older))
    assert read_recording(made.folder).request == {"conditions": ["cross-0/h"]}


@pytest.mark.parametrize("change", [{"format": "other"}, {"strange": 1}])
def test_what_is_no_recording_is_said_and_hides_no_other(made, change):
    copy = made.folder.with_name("copy")
    shutil.copytree(made.folder, copy)
    words = json.loads((copy / "run.json").read_text()) | change
    (copy / "run.json").write_text(json.dumps(words))
    with pytest.raises(PlantEduError, match=r"run\.json"):
        recording("copy")
    assert recording("cross-seed0") == made
    (copy / "run.json").write_text("[")
    with pytest.raises(PlantEduError, match="cannot be read as a recording"):
        read_recording(copy)


def test_every_shipped_recording_reads_back():
    for name in recordings():
        found = recording(name)
        assert len(found.metrics()) == found.rows
        assert found.events() is not None


def test_a_recording_says_what_a_viewer_must_know(store, run_id, made, plantedu_home):
    assert made.note == ""
    assert "note" not in json.loads((made.folder / "run.json").read_text())
    said = "A run of the recipe, not of the file."
    again = export_run(store, run_id, made.folder, note=said)
    assert again.note == recording("cross-seed0").note == said
