"""The page asks nothing of the network, and runs nothing of what it shows."""

import re

from plantedu.own.examination.page import first_page
from tests.own.examination.test_report import REPORT


def test_one_file_without_requests_or_foreign_tags():
    page = REPORT.page()
    assert page.count("<script") == 1
    assert not re.search(r'(src|href)="(?!#|data:)', page.replace("http://www.w3.org", ""))
    assert "<b>x" not in page


def test_the_first_page_says_what_is_not_known():
    page = first_page(REPORT)
    assert "What is not" in page
    assert "Not answered: no" in page
