"""The audit of pinned packages: what fails a build, what is only said, and what was not asked."""

import json
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
AUDIT = runpy.run_path(str(ROOT / ".ci" / "audit"))


def package(name, *weak):
    vulns = [{"id": f"PYSEC-{k}", "fix_versions": list(fixes)} for k, fixes in enumerate(weak)]
    return {"name": name, "version": "1.0", "vulns": vulns}


SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI"}


def answered(*packages):
    return json.dumps({"dependencies": list(packages), "fixes": []}), "Found"


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (answered(package("a"), package("b")), 0, "2 packages looked up, 0 known weaknesses"),
        (answered(package("a"), package("b", ["1.1"])), 1, "b 1.0: PYSEC-0, mended in 1.1"),
        (answered(package("a", [])), 0, "a 1.0: PYSEC-0, no mend"),
        (answered(package("a", [], ["2.0", "1.9"])), 1, "a 1.0: PYSEC-1, mended in 2.0, 1.9"),
        (answered(package("a"), SKIPPED), 0, "1 packages looked up"),
        (answered(SKIPPED, SKIPPED), 0, "NOT AUDITED.*every package was skipped"),
        (("", "retry\nConnectionError: no route"), 0, "NOT AUDITED.*ConnectionError: no route"),
        (("", ""), 0, "NOT AUDITED.*it said nothing"),
        (("[]", "odd"), 0, "NOT AUDITED.*odd"),
    ],
)
def test_only_a_weakness_that_can_be_mended_fails(answer, code, said, monkeypatch, capsys):
    monkeypatch.setitem(AUDIT["main"].__globals__, "asked", lambda path: answer)
    assert AUDIT["main"]() == code
    printed = capsys.readouterr().out
    assert re.search(said, printed)
    assert "NOT AUDITED" not in printed or len(printed.splitlines()) == 1


def test_without_uv_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert AUDIT["main"]() == 0
    assert "uv is not here" in capsys.readouterr().out


def test_ci_runs_it_on_what_is_pinned():
    assert 'section "audit" .ci/audit' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert AUDIT["main"].__defaults__ == ("requirements.txt",)
    assert (ROOT / "requirements.txt").is_file()
