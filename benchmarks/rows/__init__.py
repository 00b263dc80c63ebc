"""One module for each row of the table; see `benchmarks/measuring.py`."""

from plantedu.jobs.threads import share_cores

share_cores()  # as the course does: threads sleep while they wait for each other
