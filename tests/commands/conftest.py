"""What a learner has done, for the command of reports."""

from tests.course.report_export.conftest import record, token, told, zipped

__all__ = ("record", "token", "told", "zipped")
