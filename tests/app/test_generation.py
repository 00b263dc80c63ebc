"""The page of lesson 05: controls of the drawing, the grid as it arrives, recorded labs."""

import io
import json
import re
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image

from app import session, shipped
from app.labs.generation import over_seeds, sampling
from plantedu.store.uploads import Uploads, name_of
from plantedu.topics.generation.image_grid import ImageGrid
from plantedu.topics.generation.results.generate import Settings
from tests.app.conftest import text_of
from tests.data.challenge.test_image_header import png_that_says

CARD = {
    "file": "leaf-0.safetensors",
    "recipe": {
        "side": 48,
        "pairs": 8192,
        "conditions": ["cross-0/h", "cross-0/z", "sup-0/h"],
    },
    "slots": {"cross-0/h/rgb": 512, "cross-0/h/rgn": 512, "cross-0/z/rgb": 64, "sup-0/h/rgb": 512},
}
ONE = {
    "question": "?",
    "value": 0.3,
    "null": 0.02,
    "control": "unconditional",
    "n": 16,
    "level": 0.95,
    "truth": None,
}
RESULT = {
    "settings": asdict(Settings(kind="one", plant=3)),
    "condition": "one picture, X1",
    "numbers": {
        "MRR by cross-1": ONE | {"seeds": 1, "interval": None, "level": 0.95, "truth": None}
    },
    "among": 256,
    "chance": 0.0239,
    "strange": {"distance": 2.1, "usual": 0.7, "beyond": 1.0},
    "first": 0.4,
    "seconds": 1.9,
}


@pytest.fixture
def open_lab(open_page, monkeypatch):
    cards = [CARD, CARD | {"file": "leaf-1.safetensors"}]
    monkeypatch.setattr(shipped, "denoisers", lambda: cards)

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
    app.get_by_key("condition").set_value("edited").run()
    app.get_by_key("layer").set_value("z").run()
    app.button(key="ask generate ").click().run()
    assert not app.exception
    (run,) = store.runs(kind="generate")
    settings = Settings(**run.request)
    assert (settings.kind, settings.layers, settings.plant) == ("edited", "z", 3)
    assert run.lane == "analysis"


def test_it_draws_from_a_pair_unless_one_is_asked_for(open_lab, store):
    """The lesson's bets are about pairs; the first drawing was of X1 alone."""
    open_lab().button(key="ask generate ").click().run()
    assert store.runs(kind="generate")[0].request["kind"] == "matching"


def test_detail_is_on_until_it_is_switched_off_and_offered_where_there_is_one(
    open_lab, store, monkeypatch
):
    monkeypatch.setattr(shipped, "details", lambda: {"leaf-1"})
    app = open_lab()
    assert "draw detail" not in [one.key for one in app.toggle], "leaf-0 has none"
    app.get_by_key("draw denoiser").set_value("leaf-1").run()
    app.button(key="ask generate ").click().run()
    app.get_by_key("draw detail").set_value(False).run()
    app.button(key="ask generate ").click().run()
    assert not app.exception
    assert [run.request.get("detail") for run in store.runs(kind="generate")] == [False, True]


def test_a_request_of_before_detail_is_put_back_without_it():
    (_, place) = sampling.CONTROLS["draw detail"]
    assert [place(asked) for asked in ({"kind": "one"}, {"detail": True})] == [False, True]


def test_an_encoder_without_a_projector_offers_no_z(open_lab):
    app = open_lab()
    app.get_by_key("conditioning encoder").set_value("sup-0").run()
    assert list(app.get_by_key("layer").options) == ["backbone h"]
    app.get_by_key("conditioning encoder").set_value("cross-0").run()
    known = ["backbone h", "projector z"]
    assert list(app.get_by_key("layer").options) == known, "not both: the denoiser never had both"


def test_an_encoder_of_one_sensor_is_asked_for_one_picture_where_a_pair_was_chosen(open_lab, store):
    """It was refused by the worker, after the wait for it."""
    app = open_lab()
    app.get_by_key("conditioning encoder").set_value("sup-0").run()
    assert "sup-0 knows RGB alone, so that picture alone" in text_of(app)
    for kind in (*sampling.PAIRED, "edited"):
        app.get_by_key("condition").set_value(kind).run()
        app.button(key="ask generate ").click().run()
        assert not app.exception
        asked = store.runs(kind="generate")[0].request["kind"]
        assert asked == ("edited" if kind == "edited" else "one")
    assert "knows RGB alone" not in text_of(app)


def test_every_kind_has_its_words():
    from plantedu.topics.generation.results.generate import KINDS

    assert tuple(sampling.KINDS) == KINDS


def test_a_grid_arrives_step_by_step_and_ends_beside_its_null(open_lab, store, token):
    run_id = store.submit("generate", {"kind": "one"}, lane="analysis", learner=token, name="one")
    store.lease("analysis", "tester")
    contact = ImageGrid(store.folder(run_id))
    grey = np.full((1, 4, 6, 8, 8), 120, np.uint8)
    import torch

    contact.preview(3, torch.from_numpy(grey) / 255)
    store.set_step(run_id, 3, 8)
    app = open_lab()
    assert "step 3 of 8" in text_of(app)
    assert "Drawn, one, RGB (X1)" in pictures(app)

    contact.finish(grey, (("X1", grey[0, 0, :3]),))
    store.finish(run_id, RESULT, worker="tester")
    app = open_lab()
    words = text_of(app)
    assert "unconditional 0.020" in words
    assert "the source among 256 plants of the gallery; an order at random has 0.024" in words
    assert "conclude nothing about it" in words
    assert "What was represented: one picture, X1" in pictures(app)

    taken = [one.label for one in app.get("download_button")]
    assert [label for label in taken if "png" in label or "npz" in label] == [
        *("Grid, RGB (X1) (png)", "Grid, RGN (X2) (png)", "Pictures (npz)")
    ]

    app.get_by_key(f"view {run_id}").set_value(sampling.DIFFER).run()
    assert not app.exception
    assert "Where the samples differ, one, RGN (X2)" in pictures(app)
    assert "all 4 samples agree" in text_of(app)
    app.get_by_key(f"view {run_id}").set_value(sampling.LARGE_ONE).run()
    assert not app.exception
    app.get_by_key(f"Sample {run_id}").set_value(4).run()
    app.get_by_key(f"blend {run_id}").set_value(1.0).run()
    assert not app.exception
    assert any("one, sample 4" in one for one in pictures(app))
    assert any("what the encoder saw; it saw this one alone" in one for one in pictures(app))
    (store.folder(run_id) / "pictures.npz").write_bytes(b"cut")
    app.run()
    assert "cannot be read" in text_of(app)


def leaf(width, height, kind="PNG"):
    out = io.BytesIO()
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(out, kind)
    return out.getvalue()


@pytest.fixture
def uploading(open_lab):
    """The page after a file came in as X1."""

    def uploading(name, data):
        app = open_lab()
        app.get_by_key("whose").set_value("upload").run()
        assert "One picture is enough" in text_of(app)
        app.get("file_uploader")[0].upload(name, data, "image/png").run()
        assert not app.exception, app.exception
        return app

    return uploading


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no", "not a JPEG or PNG"),
        (leaf(96, 96, "GIF"), "it is a GIF file, whatever its name says"),
        (png_that_says(60_000, 50_000), "at most 25 megapixels"),
        (leaf(30, 96), "needs 48 or more"),
    ],
    ids=["words", "gif", "bomb", "small"],
)
def test_a_header_that_will_not_do_is_refused_at_once(uploading, store, data, said):
    app = uploading("leaf.png", data)
    assert said in text_of(app)
    assert "ask generate " not in [button.key for button in app.button]
    assert not list(store.path.parent.rglob("uploads/*/*"))


def test_an_upload_is_kept_undecoded_and_stands_in_the_request_by_its_name(
    uploading, store, token, monkeypatch
):
    opened, real = [], Image.open  # the page shows figures of its own, through the same door

    def watched(file, *rest, **how):
        opened.append(file.getvalue() if isinstance(file, io.BytesIO) else file)
        return real(file, *rest, **how)

    monkeypatch.setattr("PIL.Image.open", watched)
    cut = leaf(120, 96)[:90]  # its header is whole, and no more
    app = uploading("leaf.png", cut)
    assert not list(store.path.parent.rglob("uploads/*/*"))
    app.button(key="ask generate ").click().run()
    assert not app.exception
    (run,) = store.runs(kind="generate")
    assert run.request["x1"] == name_of(cut, token)
    assert run.request["kind"] == "one", "no pair, where one picture is there"
    assert "it alone is represented" in text_of(app)
    assert Uploads(store.path.parent).read(run.request["x1"], learner=token) == cut
    assert len(json.dumps(run.request)) < 1000
    assert opened
    assert cut not in opened


def test_what_was_changed_in_reading_is_said(open_lab, store, token):
    run_id = store.submit("generate", {"kind": "one"}, lane="analysis", learner=token, name="one")
    store.lease("analysis", "tester")
    store.finish(run_id, RESULT | {"notes": ["It was CMYK."]}, worker="tester")
    assert "It was CMYK." in text_of(open_lab())


@pytest.mark.parametrize(
    "lab", ["Kept and let go", "Faithful", "Matching or not", "Other encoders"]
)
def test_recorded_labs_open_with_and_without_results(open_lab, tmp_path, monkeypatch, lab):
    open_lab(lab)
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    app = open_lab(lab)
    assert any("update" in info.value for info in app.info)


def test_fewer_samples_of_many_places_are_said(open_lab):
    app = open_lab()
    assert "no more" not in text_of(app)
    app.selectbox(key="condition").select("pairs").run()
    assert "Of each place 8 samples are drawn" in text_of(app)


def test_another_seed_of_the_denoiser_is_asked_for_by_its_name(open_lab, store):
    app = open_lab()
    next(b for b in app.button if b.label == "Draw").click().run()
    assert store.runs(kind="generate")[0].request["denoiser"] == "leaf-0", "named, never none"
    choice = app.selectbox(key="draw denoiser")
    assert choice.options == ["leaf-0", "leaf-1"]
    choice.select("leaf-1")
    next(b for b in app.button if b.label == "Draw").click().run()
    assert not app.exception
    assert {run.request["denoiser"] for run in store.runs(kind="generate")} == {"leaf-0", "leaf-1"}


def test_denoisers_of_one_size_that_no_other_began_with_are_offered(monkeypatch, tmp_path):
    monkeypatch.setattr(session, "ROOT", tmp_path)
    folder = tmp_path / "checkpoints" / "denoisers"
    folder.mkdir(parents=True)
    for name, side, start in (
        *(("trunk", 48, "scratch"), ("b", 48, "trunk"), ("a", 48, "scratch")),
        *(("small", 32, "scratch"), ("gpu", 256, "scratch")),
    ):
        card = {"file": f"{name}.safetensors", "recipe": {"side": side, "start": start}}
        (folder / f"{name}.safetensors.card.json").write_text(json.dumps(card))
    assert [shipped.named(card) for card in shipped.denoisers()] == ["a", "b"]


def test_without_a_denoiser_the_page_says_how_to_train_one(open_page, monkeypatch, tmp_path):
    monkeypatch.setattr(session, "ROOT", tmp_path)
    app = open_page("05_generation")
    assert any("python -m plantedu denoise" in info.value for info in app.info)


def test_a_run_of_an_older_version_shows_its_condition(open_lab, store, token):
    older = {"told" if name == "condition" else name: one for name, one in RESULT.items()}
    run_id = store.submit("generate", {"kind": "one"}, lane="analysis", learner=token, name="one")
    store.lease("analysis", "tester")
    store.finish(run_id, older, worker="tester")
    assert "Conditioned on: one picture, X1" in text_of(open_lab())


def test_every_claim_stands_over_seeds_beside_its_null():
    found = session.results("05_seeds")
    assert found["seeds"] == len(found["denoisers"]) >= 3
    claims = [one for tab in over_seeds.CLAIMS.values() for one in tab.items()]
    for says, places in claims:
        line = over_seeds.line(says, found, *places)
        values = [float(value) for value in line["by seed"].split(", ")]
        assert len(values) == found["seeds"]
        mean, low, high = (float(one) for one in re.findall(r"-?\d*\.\d+", line["mean"]))
        assert mean == pytest.approx(sum(values) / len(values), abs=0.011)
        assert low <= mean <= high
        assert line["null"]


def test_a_condition_is_put_back_as_it_stood_not_as_one_upload_made_it():
    (_, place) = sampling.CONTROLS["condition"]
    assert place({"kind": "one", "x1": "a"}) == "matching", "one file, whatever was chosen"
    assert place({"kind": "one", "plant": 3}) == "one"
    assert place({"kind": "walk", "x1": "a"}) == "walk"
    assert place({"kind": "matching", "x1": "a", "x2": "b"}) == "matching"
