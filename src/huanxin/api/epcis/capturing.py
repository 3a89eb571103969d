"""Documents and events in: /capture and POST /events."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from huanxin.api.epcis import door, paging, problems
from huanxin.api.epcis.problems import Refused
from huanxin.kernel.actor import Actor
from huanxin.trace import selectors as trace
from huanxin.trace import services
from huanxin.trace.types import CaptureJob


def capture(request: HttpRequest, actor: Actor) -> HttpResponse:
    """202 with the job's address: it is finished by then, and says what was stored."""
    behaviour = request.headers.get("GS1-Capture-Error-Behaviour", "rollback")
    if behaviour not in {"rollback", "proceed"}:
        raise Refused(
            400, "ValidationException", "GS1-Capture-Error-Behaviour 应为 rollback 或 proceed。"
        )
    document = door.body_of(request)
    job = services.capture_document(actor=actor, document=document, behaviour=behaviour)
    answer = HttpResponse(status=202)
    answer.headers["Location"] = f"{request.path.rstrip('/')}/{job.id}"
    return answer


def jobs(request: HttpRequest, actor: Actor) -> HttpResponse:
    page = paging.asked(request, "jobs")
    found = trace.list_jobs(actor, size=page.size + 1, after=page.after_id())
    return paging.listed(request, page, [(_job(job), str(job.id)) for job in found])


def job(request: HttpRequest, actor: Actor, job_id: str) -> HttpResponse:
    del request
    return door.answer_json(_job(trace.get_job(job_id, actor)))


def event(request: HttpRequest, actor: Actor) -> HttpResponse:
    stored = services.capture_event(actor=actor, event=door.body_of(request))
    answer = door.answer_json(stored, 201)
    answer.headers["Location"] = f"{request.path.rstrip('/')}/{quote(stored['eventID'], safe='')}"
    return answer


def _job(job: CaptureJob) -> dict[str, Any]:
    return {
        "captureID": str(job.id),
        "running": False,
        "success": job.success,
        "createdAt": door.rfc3339(job.created_at),
        "finishedAt": door.rfc3339(job.finished_at),
        "captureErrorBehaviour": job.behaviour,
        "errors": [problems.in_job(error) for error in job.errors],
    }
