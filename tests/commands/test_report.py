"""`python -m plantedu report`: export, verify, and what is refused."""

import json

from plantedu.__main__ import main
from tests.course.report_export.test_reading import changed


def test_export_and_verify_are_equal(record, token, tmp_path, capsys):
    file = tmp_path / "r.zip"
    assert main(["report", "export", str(file), "--learner", token]) == 0
    assert main(["report", "verify", str(file), "--json"]) == 0
    printed = capsys.readouterr().out
    assert "0 DIFFERS" in printed
    assert json.loads(printed.splitlines()[-1])["same"] is True


def test_a_forged_report_is_1_and_a_foreign_one_2(zipped, tmp_path, capsys):
    file = tmp_path / "r.zip"
    file.write_bytes(changed(zipped, rehash=True, **{"calibration.json": b"null"}))
    assert main(["report", "verify", str(file)]) == 1
    assert "DIFFERS  calibration" in capsys.readouterr().out
    file.write_bytes(b"PK")
    assert main(["report", "verify", str(file)]) == 2
    assert "no zip that can be read" in capsys.readouterr().err
