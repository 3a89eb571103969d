"""Whether this process can answer, and how the worker's steps fare: for machines that watch."""

from collections.abc import Callable, Iterator
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from huanxin.kernel import addresses, clock, timers
from huanxin.kernel.metrics import counter


def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, 503 otherwise. Says nothing else to strangers."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:
    """The worker's steps in Prometheus' text format, for this machine and the networks named in
    HUANXIN_METRICS_NETWORKS; what came through a proxy is a stranger's question."""
    asks = ip_address(request.META.get("REMOTE_ADDR") or "::")
    named = addresses.networks(settings.HUANXIN_METRICS_NETWORKS)
    is_named = any(asks in one for one in named if one.version == asks.version)
    if "HTTP_X_FORWARDED_FOR" in request.META or not (asks.is_loopback or is_named):
        return HttpResponse(status=404)
    return HttpResponse("\n".join(_lines()) + "\n", content_type="text/plain; charset=utf-8")


def _lines() -> Iterator[str]:
    states, now = timers.list_states(), clock.now()
    rows: dict[str, tuple[str, Callable[[timers.StepState], float]]] = {
        "turns_total": ("Turns since its worker began.", lambda one: one.turn_count),
        "failures": ("Failures in a row.", lambda one: one.failure_count),
        "seconds": ("How long its last turn took.", lambda one: one.took_ms / 1000),
        "age_seconds": (
            "Since its last turn began.",
            lambda one: (now - one.began_at).total_seconds(),
        ),
    }
    for name, (title, figure) in rows.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        figures = {one.name: figure(one) for one in states}
        yield from counter(f"huanxin_worker_step_{name}", title, "step", figures, kind)
