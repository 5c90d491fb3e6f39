"""A run's counts for Prometheus, on a port of this machine while the run lasts, if asked for."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.running.run_report import RunReport

_COUNTERS = (
    "tasks_in",
    "tasks_out",
    "tasks_failed",
    "items_in",
    "items_out",
    "rejected",
    "retried",
)


class _Collector:
    """Reads the report whenever somebody asks."""

    def __init__(self, report: RunReport) -> None:
        self._report = report

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        labels, report = ["pipeline", "stage"], self._report
        for name in (*_COUNTERS, "seconds"):
            family = CounterMetricFamily(
                f"curator_stage_{name}", f"{name} of a stage", labels=labels
            )
            for stage in report.stages:
                family.add_metric([report.pipeline, stage.name], float(getattr(stage, name)))
            yield family
        dropped = CounterMetricFamily(
            "curator_stage_dropped", "items left out, by reason", labels=[*labels, "reason"]
        )
        for stage in report.stages:
            for reason, count in dict(stage.dropped).items():
                dropped.add_metric([report.pipeline, stage.name, reason], float(count))
        yield dropped
        for name in ("sources", "sources_done", "failed", "worker_deaths"):
            gauge = GaugeMetricFamily(
                f"curator_run_{name}", f"{name} of the run", labels=["pipeline"]
            )
            gauge.add_metric([report.pipeline], float(getattr(report, name)))
            yield gauge


@contextmanager
def serve_metrics(port: int | None, report: RunReport) -> Generator[None]:
    """Serve `http://127.0.0.1:<port>/metrics` for the length of a block; nothing if `port` is None.

    Raises:
        SettingsError: The port is not free.
    """
    if port is None:
        yield
        return
    import prometheus_client

    registry = prometheus_client.CollectorRegistry()
    registry.register(_Collector(report))  # pyright: ignore[reportArgumentType] (only `collect` is used)
    try:
        server, thread = prometheus_client.start_http_server(
            port, addr="127.0.0.1", registry=registry
        )
    except (OSError, OverflowError) as error:
        raise SettingsError(f"metrics_port={port} cannot be used: {error}.") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
