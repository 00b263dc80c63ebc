"""What a learner has done, for the command of reports."""

from tests.course.report_export.conftest import record, token, token_and_zip, zipped

__all__ = ("record", "token", "token_and_zip", "zipped")
