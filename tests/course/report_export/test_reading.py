"""A zip that may be anything: each way to be no report has its own sentence."""

import io
import json
import stat
import struct
import zipfile
from hashlib import sha256

import pytest

from plantedu.course.report_export import reading
from plantedu.course.report_export.contents import MANIFEST
from plantedu.course.report_export.packing import zipped as made_zip
from plantedu.course.report_export.reading import open_report, read_report
from plantedu.errors import PlantEduError
from tests.course.report_export.test_packing import members


def changed(data: bytes, *, rehash: bool = False, **files: bytes | None) -> bytes:
    """A report with some files replaced, added, or (None) taken out."""
    held = members(data) | {name: content for name, content in files.items() if content is not None}
    for name in [name for name, content in files.items() if content is None]:
        held.pop(name)
    if rehash:
        manifest = json.loads(held[MANIFEST])
        hashes = {n: sha256(d).hexdigest() for n, d in held.items() if n != MANIFEST}
        held[MANIFEST] = json.dumps(manifest | {"files": hashes}).encode()
    return made_zip(held)


def with_manifest(data: bytes, **fields: object) -> bytes:
    manifest = json.loads(members(data)[MANIFEST]) | fields
    return changed(data, **{MANIFEST: json.dumps(manifest).encode()})


def with_member(data: bytes, name: str, *, mode: int = 0o100644, flags: int = 0) -> bytes:
    held = io.BytesIO(data)
    with zipfile.ZipFile(held, "a") as archive:
        one = zipfile.ZipInfo(name)
        one.external_attr = mode << 16
        archive.writestr(one, b"x")
    return held.getvalue()


def refused(data: bytes, said: str) -> None:
    with pytest.raises(PlantEduError, match=said):
        read_report(data)


def test_a_report_opens(zipped, tmp_path):
    (tmp_path / "r.zip").write_bytes(zipped)
    found = open_report(tmp_path / "r.zip")
    assert found.manifest["version"] == 2
    assert len(found.records["claims.json"]) == 1
    assert "figures/reliability.csv" in found.figures


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil.py", "zip-slip"),
        ("/etc/passwd", "zip-slip"),
        ("a\\..\\evil.py", "zip-slip"),
        ("C:evil.py", "zip-slip"),
        ("evil.py", "No report holds a file called"),
        ("figures/evil.html", "No report holds a file called"),
        ("figures/", "No report holds a file called"),
    ],
)
def test_names_that_no_report_has(zipped, name, said):
    refused(with_member(zipped, name), said)


def test_links_are_refused(zipped):
    link = with_member(zipped, "figures/link.svg", mode=stat.S_IFLNK | 0o777)
    refused(link, "symbolic link")


def test_a_file_that_stands_twice_is_refused(zipped):
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = with_member(zipped, "claims.json")
    refused(twice, "stand twice")


def test_bombs_are_refused_by_what_they_say_and_by_what_they_are(zipped, monkeypatch):
    bomb = changed(zipped, rehash=True, **{"claims.json": b" " * 9_000_000})
    assert len(bomb) < 200_000
    refused(bomb, "says that it unpacks to 9,000,000 bytes")
    liar = bytearray(changed(zipped, rehash=True, **{"claims.json": b" " * 1_000_000}))
    at = liar.rindex(b"PK\x01\x02", 0, liar.rindex(b"claims.json"))
    struct.pack_into("<I", liar, at + 24, 10)  # the central directory claims ten bytes
    refused(bytes(liar), "another size than it says|no zip that can be read")
    monkeypatch.setattr(reading, "LARGEST_WHOLE", 1000)
    refused(zipped, "Unpacked this would have")


def test_too_many_files_and_too_large_a_zip(zipped, monkeypatch, tmp_path):
    monkeypatch.setattr(reading, "MOST_FILES", 3)
    refused(zipped, "too many for a report")
    monkeypatch.setattr(reading, "LARGEST_ZIP", 100)
    refused(zipped, "fewer than 100 bytes")
    (tmp_path / "r.zip").write_bytes(zipped)
    with pytest.raises(PlantEduError, match="reports have fewer"):
        open_report(tmp_path / "r.zip")


def test_foreign_and_broken_zips(zipped, tmp_path):
    refused(b"not a zip at all", "no zip that can be read")
    refused(zipped[: len(zipped) // 2], "no zip that can be read")
    refused(made_zip({"README.txt": b"x"}), "this zip is no report of plantedu")
    refused(with_manifest(zipped, format="other"), "does not say plantedu-report")
    refused(with_manifest(zipped, version=1), "reads version 2")
    refused(changed(zipped, **{MANIFEST: b"[" * 100_000}), "no JSON|no report")
    refused(with_manifest(zipped, files=[]), "lists no files")
    with pytest.raises(PlantEduError, match="cannot be read"):
        open_report(tmp_path / "none.zip")
    with pytest.raises(PlantEduError):
        open_report(tmp_path)


def test_tampering_is_told_by_the_hash(zipped):
    refused(changed(zipped, **{"claims.json": b"[]"}), "claims.json was changed after")
    refused(changed(zipped, **{"figures/a.svg": b"x"}), "not in the manifest")
    refused(changed(zipped, **{"runs.json": None}), "lacks runs.json")
    refused(changed(zipped, rehash=True, **{"runs.json": b"{}"}), "runs.json holds no list")
    refused(changed(zipped, rehash=True, **{"runs.json": b"\xff"}), "no JSON that can be read")
