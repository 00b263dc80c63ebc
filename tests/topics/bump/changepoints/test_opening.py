"""Files by what their bytes say: packed, damaged, in other encodings, and no text at all."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
from io import BytesIO

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.changepoints.opening import LONGEST
from plantedu.topics.bump.changepoints.reading import read_curves

STEPS = 10 * np.arange(60)
LOSS = 4 - np.arange(60) / 40 + 0.05 * np.random.default_rng(0).standard_normal(60)
ROWS = "".join(f"{step},{loss:.5f}\n" for step, loss in zip(STEPS, LOSS, strict=True))


def saved(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1"])
def test_other_encodings_are_read(tmp_path, encoding):
    text = "step,loss,prénom\n" + ROWS.replace("\n", ",é\n")
    (curve,) = read_curves(saved(tmp_path / "a.csv", text, encoding)).values()
    np.testing.assert_allclose(curve.values, LOSS, atol=1e-5)


DATA = ("step,loss\n" + ROWS).encode()


def packed(kind):
    """The file, packed."""
    if kind in ("zip", "two in a zip"):
        file = BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", DATA)
            if kind != "zip":
                archive.writestr("b.csv", DATA)
        return file.getvalue()
    if kind == "tar":
        file = BytesIO()
        with tarfile.open(fileobj=file, mode="w") as archive:
            info = tarfile.TarInfo("a.csv")
            info.size = len(DATA)
            archive.addfile(info, BytesIO(DATA))
        return file.getvalue()
    return {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}[kind](DATA)


@pytest.mark.parametrize("kind", ["gz", "xz", "bz2", "zip"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.zip"])
def test_packed_files_are_read_by_what_they_are(tmp_path, kind, name):
    (tmp_path / name).write_bytes(packed(kind))
    (curve,) = read_curves(tmp_path / name).values()
    np.testing.assert_allclose(curve.values, LOSS, atol=1e-5)


@pytest.mark.parametrize("kind", ["gz", "xz", "bz2", "zip"])
def test_damaged_files_are_a_sentence(tmp_path, kind):
    whole = packed(kind)
    broken = bytearray(whole)
    broken[len(whole) // 2] ^= 0xFF
    for data in (whole[: len(whole) // 2], bytes(broken)):
        (tmp_path / "a").write_bytes(data)
        with pytest.raises(PlantEduError, match="damaged or was cut off"):
            read_curves(tmp_path / "a")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packed("tar"), "tar archive"),
        (packed("two in a zip"), "holds 2 files"),
        (b"\x28\xb5\x2f\xfd rest", "packed by Zstandard"),
        (b"\x00" * 300, "bytes of zero"),
        (b"# only a comment\n", "no line with names"),
        (b"step,loss" + b"," * 5000 + b"\n1,2\n", "5,002 columns"),
        (b"step,loss\n1,2" + b",3" * LONGEST + b"\n", "a line of more than 65,536"),
        (b"step,loss,split\n" + b"".join(b"1,2,s%d\n" % k for k in range(70)), "more than 64 spl"),
        (b"step,loss,split\n1,2," + b"s" * 99 + b"\n", "name has 99 characters"),
    ],
)
def test_what_cannot_be_a_curve_is_refused_in_a_sentence(tmp_path, data, said):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(PlantEduError, match=said):
        read_curves(tmp_path / "a.csv")
