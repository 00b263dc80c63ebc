"""Whatever comes in at a door, out comes a result or one sentence: no traceback, no stray file.

The plain run tries few inputs; `pytest -n 0 tests/test_doors.py --hypothesis-profile=long` 10,000.
"""

import bz2
import gzip
import io
import lzma
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from plantedu.__main__ import main
from plantedu.course.predictions import Predictions, is_token
from plantedu.data.challenge.audit import audit_folder
from plantedu.data.challenge.decode import decode
from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.challenge.upload import admit, uploaded
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.store.uploads import Uploads
from plantedu.topics.bump.changepoints.reading import read_curves
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint

LONG = settings.get_current_profile_name() == "long"
door = settings(
    max_examples=1000 if LONG else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def picture(side: int, form: str) -> bytes:
    """A valid file."""
    file, pixels = io.BytesIO(), np.random.default_rng(side).integers(0, 256, (side, side, 3))
    Image.fromarray(pixels.astype(np.uint8)).save(file, form)
    return file.getvalue()


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", data)
    return file.getvalue()


FILES = [picture(48, "PNG"), picture(64, "JPEG"), picture(50, "GIF"), picture(48, "BMP")]
CURVE = b"step,loss,split\n" + b"".join(b"%d,%f,a\n" % (i, 9 - i / 50) for i in range(200))
CURVES = [
    CURVE,
    CURVE.replace(b",", b";"),
    CURVE.replace(b".", b","),
    CURVE.replace(b"\n", b"\r"),
    CURVE.replace(b"loss", b"rice - loss"),
    b"sep=,\n" + CURVE,
    b"# " + CURVE,
    b"\xff\xfe" + CURVE,
    CURVE.decode().encode("utf-16"),
    gzip.compress(CURVE),
    bz2.compress(CURVE),
    lzma.compress(CURVE),
    zipped(CURVE),
    b"\x28\xb5\x2f\xfd" + CURVE,
]


@st.composite
def damaged(draw, files):
    """A valid file after some accidents: bytes changed, cut out, doubled, or put in."""
    data = bytearray(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["change", "cut", "double", "put"])):
            case "change":
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del data[at : at + draw(st.integers(1, 400))]
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 400))]
            case "put":
                data[at:at] = draw(st.binary(max_size=40))
    return bytes(data)


def says(error: PlantEduError) -> None:
    """One sentence for a person, without the insides of Python."""
    text = str(error)
    assert text
    assert "Traceback" not in text
    assert 'File "' not in text


@door
@given(damaged(FILES))
def test_pictures(data):
    try:
        found = decode(data, name="leaf")
    except PlantEduError as error:
        says(error)
    else:
        assert found.pixels.dtype == np.uint8
        assert found.pixels.shape[2] == 3


@door
@given(st.none() | damaged(FILES), st.none() | damaged(FILES), st.sampled_from([16, 48, 64]))
def test_uploads(x1, x2, side):
    given = [None if data is None else ("leaf", data) for data in (x1, x2)]
    try:
        found = uploaded(given[0], given[1], side=side)
    except PlantEduError as error:
        says(error)
    else:
        squares = [one for one in (found.x1, found.x2) if one is not None]
        assert squares
        assert all(one.shape == (3, side, side) for one in squares)


@door
@given(damaged(FILES))
def test_headers(data):
    """What the server lets in without decoding, the worker decodes or refuses in a sentence."""
    try:
        admit(("leaf", data))
    except PlantEduError as error:
        says(error)
        with pytest.raises(PlantEduError):
            uploaded(("leaf", data), None, side=48)


@door
@given(st.text(max_size=40) | st.from_regex(r"[0-9a-f]{32}", fullmatch=True), st.binary())
def test_uploads_of_another_learner(plantedu_home, text, data):
    """No name opens a file that is not one's own, and none leaves the folder of uploads."""
    uploads = Uploads(plantedu_home)
    name = uploads.keep(data, learner="learner-number-one")
    before = set(plantedu_home.rglob("*"))
    for guess in (text, name, f"../{name}", str(uploads.folder)):
        with pytest.raises(PlantEduError) as refused:
            uploads.read(guess, learner="learner-number-two")
        says(refused.value)
        uploads.drop(guess, learner="learner-number-two")
    assert set(plantedu_home.rglob("*")) == before
    assert uploads.read(name, learner="learner-number-one") == data
    uploads.drop(name, learner="learner-number-one")


@door
@given(st.text(max_size=80))
def test_addresses(plantedu_home, text):
    before = set(plantedu_home.rglob("*"))
    with_store = Store(plantedu_home / "plantedu.sqlite")
    made = set(plantedu_home.rglob("*"))
    for door in (with_store.run, with_store.folder, with_store.cancel, with_store.events):
        try:
            door(text)
        except PlantEduError as error:
            says(error)
    with_store.close()
    assert {path.parent for path in set(plantedu_home.rglob("*")) - made} <= {
        plantedu_home / "runs",
        plantedu_home,
    }
    assert before <= set(plantedu_home.rglob("*"))
    if not is_token(text):
        assert not Predictions(plantedu_home / "plantedu.sqlite").of(text)


@door
@given(damaged(CURVES))
def test_curves(tmp_path, data):
    path = tmp_path / "curve.csv"
    path.write_bytes(data)
    try:
        assert read_curves(path)
    except PlantEduError as error:
        says(error)


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> bytes:
    import torch

    path = tmp_path_factory.mktemp("weights") / "a.safetensors"
    save_checkpoint(path, {"w": torch.ones(3, 4), "b": torch.zeros(2)}, {"step": 3})
    return path.read_bytes()


@door
@given(st.data())
def test_checkpoints(tmp_path, weights, data):
    path = tmp_path / "a.safetensors"
    path.write_bytes(data.draw(damaged([weights])))
    try:
        tensors, _ = load_checkpoint(path)
    except PlantEduError as error:
        says(error)
    else:
        assert all(tensor.numel() < 1000 for tensor in tensors.values())


@pytest.fixture(scope="module")
def challenge(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("challenge") / "data"
    write_folder(world("calm"), folder, pairs=3, size=32)
    return folder


@door
@given(st.data())
def test_challenge_folders(challenge, data):
    path = data.draw(st.sampled_from(sorted(p for p in challenge.rglob("*") if p.is_file())))
    kept = path.read_bytes()
    path.write_bytes(data.draw(damaged([kept])))
    try:
        assert str(audit_folder(challenge))
    except PlantEduError as error:
        says(error)
    finally:
        path.write_bytes(kept)


WORDS = st.sampled_from(["runs", "show", "list", "--limit", "--json", "check", "pairs", "host"])


@door
@given(st.lists(WORDS | st.text(max_size=12), max_size=6).filter(bool))
def test_terminal(plantedu_home, capsys, words):
    codes = []
    try:
        codes.append(main([*words, "--no-such-option"]))
    except SystemExit as end:
        codes.append(end.code)
    assert codes[0] in (0, 2)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.out + captured.err


@door
@given(st.integers(0, 10**6))
def test_damage_is_noticed(seed):
    """The accidents above do break files: most of what they make is refused."""
    cut = bytearray(FILES[0])
    del cut[8 : 8 + random.Random(seed).randint(1, 30)]
    with pytest.raises(PlantEduError):
        decode(bytes(cut), name="leaf")
