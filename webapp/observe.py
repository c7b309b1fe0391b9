"""What an operator sees: a line per request and per call to Cash, and the same in numbers for Prometheus.

No line and no label holds what was asked for by address, a body or a token; no label holds an account.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable
from math import inf, nan
from pathlib import Path
from time import monotonic
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from werkzeug.exceptions import NotFound

from .access import knows_one_of, public

bp = Blueprint("observe", __name__)
log = logging.getLogger(__name__)

UNTOLD = {"/healthz", "/readyz", "/metrics"}  # machines ask for these all day
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # clients may invent others
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 300)

# One of each per process, however many apps there are in it.
REQUESTS = Counter("cash_settings_requests", "Requests answered", ["route", "method", "status"])
REQUEST_SECONDS = Histogram("cash_settings_request_seconds", "Time to answer", ["route"], buckets=SECONDS)
CALLS = Counter("cash_settings_cash_calls", "Calls to Cash that ended", ["operation", "outcome"])
CALL_SECONDS = Histogram("cash_settings_cash_call_seconds", "Time of a call to Cash", ["operation"], buckets=SECONDS)
LOGINS_REFUSED = Counter("cash_settings_logins_refused", "Logins that Cash refused (code 2), typed or stored")
SAVES = Counter("cash_settings_saves", "Saves and restores that were stored, or found nothing to change")
IN_FLIGHT = Gauge("cash_settings_cash_calls_in_flight", "SOAP calls under way", multiprocess_mode="livesum")
CASH_UP = Gauge(
    "cash_settings_cash_up", "1 or 0 by the last call that tells; NaN before the first", multiprocess_mode="mostrecent"
)
SHARED = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")  # as prometheus_client itself read it above
if not SHARED:
    CASH_UP.set(nan)


class CashCalls:
    """Hears of the calls to Cash. Of an outage it tells once that it began and once that it ended, per process.

    `is_down` says whether an outcome means that nobody can work with Cash; any other failure may be about one call.
    `is_rejection` says whether it means that Cash refused a login.
    """

    def __init__(self, is_down: Callable[[str], bool], is_rejection: Callable[[str], bool]) -> None:
        self._is_down, self._is_rejection = is_down, is_rejection
        self._lock = threading.Lock()
        self._down, self._changed = False, -inf

    def begin(self) -> None:
        """A SOAP call begins; reading the WSDL is none."""
        IN_FLIGHT.inc()

    def end(self, operation: str, outcome: str, ms: float) -> None:
        """A call, or a reading of the WSDL, ended: "ok" or a short word for why not."""
        if operation != "WSDL":
            IN_FLIGHT.dec()
        known = not outcome.startswith("code_") or len(outcome) <= len("code_999")
        CALLS.labels(operation, outcome if known else "code_other").inc()
        CALL_SECONDS.labels(operation).observe(ms / 1000)
        if self._is_rejection(outcome):
            LOGINS_REFUSED.inc()
        log.info("cash", extra={"operation": operation, "outcome": outcome, "ms": round(ms, 1)})
        self._watch(outcome, ms)

    def _watch(self, outcome: str, ms: float) -> None:
        down = self._is_down(outcome)
        if not down and outcome != "ok":
            return
        with self._lock:
            now, before = monotonic(), self._changed
            if now - ms / 1000 < before:
                return  # it began before the last change, so it says nothing about now
            CASH_UP.set(not down)
            if down == self._down:
                return
            self._down, self._changed = down, now
        if down:
            log.warning("cash is down", extra={"reason": outcome})
        else:
            log.info("cash is up again", extra={"seconds_down": round(now - before, 1)})


def count_save() -> None:
    """For whoever stored a Save or a restore, also one that found nothing to change."""
    SAVES.inc()


@bp.get("/metrics")
@public
def metrics() -> Response:
    """The numbers of all workers, for whoever knows a token; for others there is no such page."""
    if not knows_one_of(current_app.config["METRICS_TOKENS"]):
        raise NotFound
    registry = REGISTRY
    if SHARED:
        forget_dead_workers()
        registry = CollectorRegistry()
        MultiProcessCollector(registry, SHARED)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def forget_dead_workers() -> None:
    """A worker that was killed leaves its calls in flight behind."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in Path(SHARED).glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, SHARED)  # type: ignore[no-untyped-call]
        except PermissionError:
            continue  # it lives, as another user


def after_request(response: Response) -> Response:
    """Keeps the status for the line of the request."""
    g.status = response.status_code
    return response


def log_request(_error: BaseException | None = None) -> None:
    """The line of a request, once, when its answer is made."""
    if request.path in UNTOLD or "observe.started" not in request.environ:
        return
    started = request.environ.pop("observe.started")
    seconds, status = monotonic() - started, g.get("status", 500)
    route = request.url_rule.rule if request.url_rule else "unmatched"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(route, method, status).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
    ms, client = round(seconds * 1000, 1), request.remote_addr
    log.info("request", extra={"client": client, "route": route, "method": method, "status": status, "ms": ms})


def init_app(app: Flask) -> None:
    """Starts a clock before each request, logs it when it is answered, and adds /metrics."""
    answer = app.wsgi_app

    def timed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["observe.started"] = monotonic()
        return answer(environ, start_response)

    app.wsgi_app = timed  # type: ignore[method-assign]
    app.after_request(after_request)
    app.teardown_request(log_request)
    app.register_blueprint(bp)
