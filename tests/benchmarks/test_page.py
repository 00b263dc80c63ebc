"""The committed page says what the committed results say."""

from importlib import import_module

import pytest

from benchmarks import page
from benchmarks.all import ORDER

RESULT = {
    "name": "cka",
    "title": "CKA, seconds",
    "against": "a peer",
    "command": "uv run it",
    "date": "2026-01-01",
    "seconds": 3.0,
    "machine": {"processor": "P", "cores": 2, "memory_gb": 8, "system": "Linux", "python": "3.11"},
    "versions": {"torch": "2"},
    "gates": [{"what": "difference", "value": 1e-9, "limit": 1e-6, "passed": True}],
    "figures": {"ours": {"median": 0.5, "lowest": 0.4, "highest": 0.6, "turns": 7, "unit": "s"}},
    "ratios": {
        "time": {
            "median": 0.7,
            "lowest": 0.6,
            "highest": 0.8,
            "turns": 7,
            "aim": 0.5,
            "at_least": False,
            "met": False,
        }
    },
    "more": {"threads": 2, "table": [1, 2]},
    "notes": [],
}
REMARKS = {
    "rows": {"cka": "Why it missed."},
    "changes": [{"change": "c", "predicted": "p", "measured": "m", "kept": "yes"}],
}


def test_a_missed_aim_is_called_missed_and_its_reason_stands_there():
    text = page.page({"cka": RESULT}, REMARKS)
    assert "0.7 (0.6 to 0.8) | at most 0.5: **missed**" in text
    assert "Why it missed." in text
    assert "| c | p | m | yes |" in text
    assert "Not measured yet: swav_step" in text


def test_the_page_is_the_one_that_the_results_give():
    found = page.page(page.results(), page.remarks_of())
    assert (page.HERE / "README.md").read_text(encoding="utf-8") == found


def test_every_row_stands_on_the_page_and_in_the_order():
    shown = [name for names in page.ROWS.values() for name in names]
    assert sorted(shown) == sorted(ORDER)
    files = {path.stem for path in (page.HERE / "rows").glob("*.py")} - {"__init__"}
    assert files == set(ORDER)


def test_results_are_of_rows_that_are_there():
    assert set(page.results()) <= set(ORDER)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (0.01234, "0.0123"), (1234.5, "1,234"), (1e-9, "1.0e-09")]
)
def test_numbers_are_short(value, shown):
    assert page.number(value) == shown


def test_a_row_knows_what_its_result_depends_on():
    one = import_module("benchmarks.rows.cka").ROW
    assert one.name == "cka"
    assert len(one.code()) == 16
