"""Drawing on request: numbers beside their null, previews in order, cancel, and the command."""

import json
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.store.uploads import Uploads
from plantedu.topics.generation import generate as module
from plantedu.topics.generation.generate import METHOD, generate
from plantedu.topics.generation.results.generate import Settings, strange_words
from tests.data.challenge.test_image_header import png_that_says
from tests.data.challenge.test_upload import file
from tests.topics.generation.painted import painter

LEARNER = "learner-number-one"
ASKED = Settings(samples=3, steps=3, plant=2)


def drawn(**how):
    settings = replace(ASKED, **{k: v for k, v in how.items() if hasattr(ASKED, k)})
    rest = {k: v for k, v in how.items() if not hasattr(ASKED, k)}
    return generate(settings, bank_folder=painter() / "bank", folder=painter(), **rest)


def test_every_number_has_its_null_and_pictures_their_shape():
    found = drawn()
    assert found.pictures.shape == (1, 3, 6, 16, 16)
    assert set(found.counted.numbers) == {"spread, 1/255", "MRR by cross-0", "MRR by cross-1"}
    assert all(one.control == "unconditional" for one in found.counted.numbers.values())
    assert 0 < found.first <= found.seconds
    assert json.loads(json.dumps(found.as_json()))["settings"]["plant"] == 2
    assert "unconditional" in found.chart().alt


def test_told_nothing_is_its_own_null():
    found = drawn(kind="nothing")
    one = found.counted.numbers["spread, 1/255"]
    assert one.value == pytest.approx(one.null, abs=1e-3)
    assert set(found.counted.numbers) == {"spread, 1/255"}
    assert found.strange == {}


def test_the_same_request_draws_the_same_pictures():
    assert np.array_equal(drawn().pictures, drawn().pictures)
    assert not np.array_equal(drawn().pictures, drawn(seed=1).pictures)


def test_an_interpolation_has_five_places_and_ranks_of_none():
    found = drawn(kind="interpolation", samples=2)
    assert found.pictures.shape[:2] == (5, 2)
    assert set(found.counted.numbers) == {"spread, 1/255"}


def test_a_walk_has_seven_places_of_one_noise_and_passes_through_the_plant_itself():
    walk, plain = drawn(kind="walk", factor="light_rgb", samples=2), drawn(samples=2)
    assert walk.pictures.shape[:2] == (7, 2)
    assert np.abs(walk.pictures[3].astype(int) - plain.pictures[0]).max() <= 1
    edited = drawn(kind="edited", factor="light_rgb", amount=3.0, samples=2)
    assert np.abs(walk.pictures[6].astype(int) - edited.pictures[0]).max() <= 1


def test_what_is_no_plant_lies_farther_than_plants_do():
    noise = drawn(kind="noise").strange
    plant = drawn().strange
    assert noise["distance"] > plant["distance"]
    assert noise["beyond"] == 1
    assert "Unlike every plant here" in strange_words(noise)


def test_a_strangers_picture_stands_in_the_gallery_with_the_others():
    picture = np.random.default_rng(0).integers(256, size=(3, 16, 16), dtype=np.uint8)
    found = drawn(x1=picture)
    assert "MRR by cross-1" in found.counted.numbers
    alone = drawn(x2=picture)
    assert set(alone.counted.numbers) == {"spread, 1/255"}


def test_a_wish_to_stop_ends_it_between_two_steps():
    steps = []

    def check():
        if steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drawn(check=check, show=lambda step, _: steps.append(step))
    assert steps == [1]


@pytest.fixture
def shipped(monkeypatch):
    """Commands and jobs draw with the small denoiser."""
    monkeypatch.setattr(
        module, "denoiser_path", lambda *_: painter() / "denoisers/tiny.safetensors"
    )


@pytest.fixture
def work(plantedu_home, tmp_path):
    """What a job is handed, for a request; `steps` keeps how far it was."""
    real = Store(plantedu_home / "plantedu.sqlite")

    def work(**request):
        steps = []
        store = SimpleNamespace(
            path=real.path,
            database=real.database,
            folder=lambda run_id: tmp_path,
            set_step=lambda *step: steps.append(step[1:]),
            event=lambda *_: None,
        )
        asked = {"samples": 2, "steps": 3, **request}
        made = real.submit("generate", request, lane="analysis", learner=LEARNER)
        run = SimpleNamespace(id=made, request=asked, learner=LEARNER)
        return SimpleNamespace(store=store, run=run, check=lambda: None, steps=steps)

    yield work
    real.close()


def test_a_job_leaves_previews_and_pictures_in_its_runs_folder(shipped, tmp_path, work):
    asked = work(kind="matching")
    found = METHOD.job(asked)
    assert asked.steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert sorted(p.name for p in (tmp_path / "grid").glob("*-x1.png"))[0] == "001-x1.png"
    assert (tmp_path / "x2.png").is_file()
    assert found["condition"].startswith("matching pair")


def test_a_job_decodes_an_upload_and_forgets_it(shipped, work, plantedu_home):
    uploads = Uploads(plantedu_home)
    name = uploads.keep(file(96, 64, kind="JPEG", mode="CMYK")[1], learner=LEARNER)
    found = METHOD.job(work(kind="one", x1=name))
    assert found["condition"] == "one picture, X1"
    assert found["notes"] == ["The RGB picture (X1) was CMYK; it was read as 8-bit RGB."]
    assert not list(uploads.folder.glob("*/*"))


def test_a_picture_that_two_runs_ask_for_waits_for_both(shipped, work, plantedu_home):
    uploads = Uploads(plantedu_home)
    name = uploads.keep(file(64, 64)[1], learner=LEARNER)
    first, second = work(kind="one", x1=name), work(kind="one", x1=name, seed=1)
    METHOD.job(first)
    assert len(list(uploads.folder.glob("*/*"))) == 1, "the second has not read it yet"
    with second.store.database.write() as link:
        link.execute("UPDATE runs SET state = 'done' WHERE id = ?", (first.run.id,))
    assert METHOD.job(second)["condition"] == "one picture, X1"
    assert not list(uploads.folder.glob("*/*"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (file(300, 300, kind="JPEG")[1][:9000], r"\(X1\) is truncated or damaged"),
        (file(64, 64, mode="RGBA", kind="PNG")[1][:60], r"\(X1\) is truncated or damaged"),
        (file(64, 64, kind="GIF")[1], "a GIF file"),
        (png_that_says(60_000, 50_000), "at most 25 megapixels"),
    ],
)
def test_a_job_refuses_what_cannot_be_decoded_and_forgets_it(
    shipped, work, plantedu_home, data, said
):
    uploads = Uploads(plantedu_home)
    name = uploads.keep(data, learner=LEARNER)
    with pytest.raises(PlantEduError, match=said):
        METHOD.job(work(kind="one", x1=name))
    assert not list(uploads.folder.glob("*/*"))


def test_a_job_reads_no_file_of_another_learner(shipped, work, plantedu_home):
    uploads = Uploads(plantedu_home)
    name = uploads.keep(file(64, 64)[1], learner="somebody-else")
    with pytest.raises(PlantEduError, match="not here any more"):
        METHOD.job(work(kind="one", x1=name))
    assert len(list(uploads.folder.glob("*/*"))) == 1


def test_the_command_writes_a_sheet_and_one_object(shipped, tmp_path, capsys):
    out = tmp_path / "sheet.png"
    asked = ["--samples", "2", "--steps", "2", "--out", str(out), "--json"]
    assert METHOD.main(asked) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n"} <= set(last["numbers"]["spread, 1/255"])


@pytest.mark.slow
def test_a_first_look_waits_for_no_charts():
    """altair and scipy.stats cost a second of a worker's start, and no drawing needs them."""
    words = (
        "import sys; import plantedu.topics.generation.generate; "
        "print(sorted({'altair', 'scipy.stats', 'pandas'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
