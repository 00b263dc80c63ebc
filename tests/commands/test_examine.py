"""The command: what it wants, and that it checks a report."""

import pytest

from plantedu.commands.examine import main
from plantedu.errors import PlantEduError
from tests.own.examination.test_report import REPORT


def test_a_report_is_checked(tmp_path, capsys):
    file = REPORT.save(tmp_path / "r.html")
    assert main(["--verify", str(file)]) == 0
    file.write_text(file.read_text() + "<!-- -->")
    assert main(["--verify", str(file)]) == 1
    assert "DIFFERS" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["--encoder", "x", "--data", "y", "--out", "r.pdf"]])
def test_what_is_missing_is_told(words):
    with pytest.raises(PlantEduError, match="--out"):
        main(words)
