"""Lesson 12 in a real browser: press Examine, wait for its end, read it, open the report.

Half a minute of one core for the examination itself, on the leaves that ship; asked for by -m slow.
"""

import re

import pytest

from plantedu.commands.examine import main
from tests.app.test_browser import button, chromium, folder, page, settle, url  # noqa: F401
from tests.app.test_browser import pytestmark as needs_chromium

pytestmark = [*needs_chromium, pytest.mark.timeout(900)]
WIDTHS = (1366, 390)
DONE = 600_000  # milliseconds
SCROLL = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The report as it was downloaded, for the tests that open it."""
    return tmp_path_factory.mktemp("report") / "report.html"


def test_examine_runs_to_its_end_and_its_report_is_what_its_numbers_give(page, url, kept):  # noqa: F811
    page.goto(f"{url}/own?tab=Examine")
    settle(page, "Your own model")
    button(page, "Examine").click()
    page.get_by_text("What is known", exact=True).wait_for(timeout=DONE)
    page.get_by_text("predictions do not follow those that were exchanged").first.wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(1500)
        page.screenshot(path=str(kept.parent / f"page-{width}.png"), full_page=True)
        assert page.evaluate(SCROLL) <= 1
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("The report")).first.click()
    download.value.save_as(kept)
    assert main(["--verify", str(kept)]) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_opens_and_fits_light_and_dark(chromium, kept, scheme):  # noqa: F811
    if not kept.is_file():
        pytest.skip("no report was made")
    context = chromium.new_context(color_scheme=scheme)
    page, said = context.new_page(), []  # noqa: F811
    page.on("console", lambda line: said.append(line.text))
    page.on("request", lambda asked: said.append(asked.url) if asked.url[:4] == "http" else None)
    page.goto(f"file://{kept}")
    assert page.locator("svg").count() >= 8
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=str(kept.parent / f"{scheme}-{width}.png"), full_page=True)
        assert page.evaluate(SCROLL) <= 1
    context.close()
    assert said == []  # nothing is asked of anybody, and nothing complained of
