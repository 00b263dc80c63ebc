"""The page of lesson 05: controls of the drawing, the grid as it arrives, recorded labs."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from app import painting, shelf
from plantedu.training.contact import Contact
from plantedu.training.studio import Settings
from tests.app.conftest import text_of

CARD = {
    "recipe": {"side": 48, "pairs": 8192},
    "slots": {"cross-0/h/rgb": 512, "cross-0/h/rgn": 512, "cross-0/z/rgb": 64, "sup-0/h/rgb": 512},
}
ONE = {
    "question": "?",
    "value": 0.3,
    "null": 0.02,
    "control": "told nothing",
    "n": 16,
    "level": 0.95,
    "truth": None,
}
RESULT = {
    "settings": {"kind": "one", "plant": 3},
    "told": "one picture, X1",
    "numbers": {
        "MRR by cross-1": ONE | {"seeds": 1, "interval": None, "level": 0.95, "truth": None}
    },
    "strange": {"distance": 2.1, "usual": 0.7, "beyond": 1.0},
    "first": 0.4,
    "seconds": 1.9,
}


@pytest.fixture
def open_lab(open_page, monkeypatch):
    monkeypatch.setattr(shelf, "denoiser", lambda: CARD)

    def open_lab(name="Draw"):
        app = open_page("05_generation")
        app.session_state["lab"] = name
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


def pictures(app):
    return [image.alt for image in app.get("image") for image in image.proto.imgs]


def test_the_page_asks_for_what_the_terminal_takes(open_lab, store):
    app = open_lab()
    app.get_by_key("told").set_value("edited").run()
    app.get_by_key("layer").set_value("z").run()
    app.button(key="ask generate ").click().run()
    assert not app.exception
    (run,) = store.runs(kind="generate")
    settings = Settings(**run.request)
    assert (settings.kind, settings.layers, settings.plant) == ("edited", "z", 3)
    assert run.lane == "analysis"


def test_an_encoder_without_a_projector_offers_no_z(open_lab):
    app = open_lab()
    app.get_by_key("teller").set_value("sup-0").run()
    assert list(app.get_by_key("layer").options) == ["backbone h"]


def test_every_kind_has_its_words():
    from plantedu.training.conditions import KINDS

    assert tuple(painting.KINDS) == KINDS


def test_a_grid_arrives_step_by_step_and_ends_beside_its_null(open_lab, store, token):
    run_id = store.submit("generate", {"kind": "one"}, lane="analysis", learner=token, name="one")
    store.lease("analysis", "tester")
    contact = Contact(store.folder(run_id))
    grey = np.full((1, 4, 6, 8, 8), 120, np.uint8)
    import torch

    contact.preview(3, torch.from_numpy(grey) / 255)
    store.set_step(run_id, 3, 8)
    app = open_lab()
    assert "step 3 of 8" in text_of(app)
    assert "Drawn RGB (X1) pictures, one" in pictures(app)

    class Done:
        pictures, sources = grey, (("X1", grey[0, 0, :3]),)

    contact.finish(Done)
    store.finish(run_id, RESULT, worker="tester")
    app = open_lab()
    words = text_of(app)
    assert "told nothing 0.020" in words
    assert "the denoiser guesses" in words
    assert "What was represented: one picture, X1" in pictures(app)


@pytest.mark.parametrize(
    ("files", "said"),
    [((None, None), "One picture is enough"), ((("a.png", b"no"), None), "not a JPEG or PNG")],
)
def test_uploads_are_bounded_and_refused_in_a_sentence(files, said, monkeypatch):
    shown = []

    class File:
        def __init__(self, name, data):
            self.name, self.data = name, data

        def getvalue(self):
            return self.data

    given = iter(None if f is None else File(*f) for f in files)
    monkeypatch.setattr(painting.st, "segmented_control", lambda *_, **__: "upload")
    monkeypatch.setattr(painting.st, "file_uploader", lambda *_, **__: next(given))
    for note in ("caption", "warning"):
        monkeypatch.setattr(painting.st, note, lambda text, **_: shown.append(text))
    assert painting._pictures(48) is None
    assert any(said in text for text in shown)


def test_an_upload_becomes_a_small_square_in_the_request(monkeypatch):
    out = io.BytesIO()
    Image.fromarray(np.zeros((96, 120, 3), np.uint8)).save(out, "PNG")

    class File:
        name = "leaf.png"

        def getvalue(self):
            return out.getvalue()

    files = iter([File(), None])
    monkeypatch.setattr(painting.st, "segmented_control", lambda *_, **__: "upload")
    monkeypatch.setattr(painting.st, "file_uploader", lambda *_, **__: next(files))
    found = painting._pictures(48)
    assert found["x2"] == ""
    assert len(json.dumps(found)) < 20_000


@pytest.mark.parametrize("lab", ["Kept and let go", "Faithful", "Three comparisons"])
def test_recorded_labs_open_with_and_without_results(open_lab, tmp_path, monkeypatch, lab):
    open_lab(lab)
    monkeypatch.setattr(shelf, "RESULTS", tmp_path)
    app = open_lab(lab)
    assert any("update" in info.value for info in app.info)


def test_without_a_denoiser_the_page_says_how_to_train_one(open_page, monkeypatch, tmp_path):
    monkeypatch.setattr(shelf, "ROOT", tmp_path)
    app = open_page("05_generation")
    assert any("python -m plantedu denoise" in info.value for info in app.info)
