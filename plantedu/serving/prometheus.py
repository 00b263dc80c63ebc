"""What a host measures of the course, in the text format that Prometheus reads.

No learner, address or code of a class stands in a label: a name has few values, all known.
"""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from plantedu.jobs.load import Load, load
from plantedu.store.store import Store

Gauges = Iterable[GaugeMetricFamily]


class CourseCollector(Collector):
    """Reads the store anew at each scrape.

    Args:
        store: The store of the course.
        sessions: How many pages are open.
    """

    def __init__(self, store: Store, sessions: Callable[[], int]) -> None:
        self.store, self.sessions = store, sessions

    def collect(self) -> Gauges:
        """All gauges."""
        found = load(self.store)
        yield gauge("sessions", "Open pages.", self.sessions())
        yield from people(found)
        yield from lanes(found)
        yield from machine(found)
        yield from snapshots(found)


def metrics_text(store: Store, sessions: Callable[[], int]) -> Callable[[], str]:
    """A function that gives the metrics of now, of the course and of the server's process."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(CourseCollector(store, sessions))
    return lambda: generate_latest(registry).decode()


def gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    """One number."""
    return GaugeMetricFamily(f"plantedu_{name}", what, value=value)


def people(found: Load) -> Gauges:
    """Classes and learners."""
    yield gauge("classes", "Classes.", found.classes)
    yield gauge("class_members", "Learners in classes.", found.members)
    yield gauge("learners_seen", "Learners who came within the hour.", found.seen)


def lanes(found: Load) -> Gauges:
    """Workers and queues."""
    runs = GaugeMetricFamily(
        "plantedu_runs",
        "Runs, now (waiting, running) or ended within the hour (done, failed).",
        labels=["lane", "state"],
    )
    living = GaugeMetricFamily("plantedu_worker_up", "Whether a worker lives.", labels=["lane"])
    memory = GaugeMetricFamily(
        "plantedu_worker_memory_bytes", "Memory of a worker and its children.", labels=["lane"]
    )
    waits = GaugeMetricFamily(
        "plantedu_longest_wait_seconds", "How long the first in line waits.", labels=["lane"]
    )
    for lane in found.lanes:
        for state in ("waiting", "running", "done", "failed"):
            runs.add_metric([lane.name, state], getattr(lane, state))
        living.add_metric([lane.name], float(lane.worker > 0))
        memory.add_metric([lane.name], lane.memory)
        waits.add_metric([lane.name], lane.oldest)
    return [runs, living, memory, waits]


def machine(found: Load) -> Gauges:
    """Cores, memory, disk."""
    yield gauge("cores", "Cores.", found.machine.cores)
    if found.machine.wanting >= 0:
        yield gauge("load", "Processes that want a core.", found.machine.wanting)
    yield gauge("memory_bytes", "Memory of machine or container.", found.machine.memory)
    if found.machine.used >= 0:
        yield gauge("memory_used_bytes", "Memory in use.", found.machine.used)
    yield gauge("disk_free_bytes", "Free on the disk of the store.", found.free)
    yield gauge("store_bytes", "Database of the store.", found.used)
    yield gauge("held_bytes", "All that the course holds on the disk.", found.held.total)


def snapshots(found: Load) -> Gauges:
    """The last snapshot; nothing where none was ever tried."""
    if found.snapshot is not None:
        yield gauge("snapshot_success", "Whether the last try succeeded.", found.snapshot.ok)
        last = found.snapshot.succeeded
        yield gauge("snapshot_time_seconds", "When one last succeeded, since 1970.", last)
