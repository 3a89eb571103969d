"""The standards of sorting and dismantling: published from data/, immutable, read once."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

import yaml

from huanxin.identity.types import Organisation
from huanxin.kernel import clock
from huanxin.recycling import _shipped, models, work_rules
from huanxin.recycling.errors import LicenceEnded, StandardInvalid, StandardMissing

_Standard = work_rules.GradingStandard | work_rules.FloorStandard
_READERS: dict[str, Callable[[Mapping[str, Any]], _Standard]] = {
    "grading": work_rules.read_grading,
    "floor": work_rules.read_floor,
}


def publish_shipped() -> int:
    """Publish the versions in data/ that are not published yet; returns how many."""
    kept = dict(models.WorkStandard.objects.values_list("version", "digest"))
    added = []
    for digest, body in _shipped.standards(*_READERS):
        standard = _READERS[body["kind"]](body)
        if standard.version in kept:
            assert kept[standard.version] == digest, "a published standard is never edited"
            continue
        added.append(
            models.WorkStandard(
                version=standard.version, kind=body["kind"], digest=digest,
                from_on=standard.from_on, body=body, published_at=clock.now(),
            )
        )  # fmt: skip
    models.WorkStandard.objects.bulk_create(added)
    return len(added)


def grading(on: date) -> work_rules.GradingStandard:
    """The grading standard in force on a day."""
    return _grading(*_newest("grading", on))


def floor(on: date) -> work_rules.FloorStandard:
    """The floor standard in force on a day."""
    return _floor(*_newest("floor", on))


def body_of(kind: str, text: str) -> dict[str, Any]:
    """The plain body of a standard's YAML text; text that is no such standard is refused."""
    try:
        body = _shipped.plain(yaml.safe_load(text))
        if body["kind"] != kind:
            raise StandardInvalid(reason=f"kind 应为 {kind}")
        _READERS[kind](body)
    except (
        yaml.YAMLError, LookupError, TypeError, ValueError, AttributeError, AssertionError,
    ) as fault:  # fmt: skip
        reason = str(fault) if isinstance(fault, AssertionError) else type(fault).__name__
        raise StandardInvalid(reason=f"读不懂这份标准（{reason}）") from fault
    assert isinstance(body, dict)
    return body


def text_of(version: str) -> str:
    """A published version as YAML, to begin the next one from."""
    body = models.WorkStandard.objects.values_list("body", flat=True).get(pk=version)
    return _shipped.yaml_of(body)


def check_licence(org: Organisation, wanted: str, on: date) -> None:
    """Refuse a party whose paper is not valid on the day."""
    kind = floor(on).licences[org.kind.value]
    if not org.licensed(kind, on):
        raise LicenceEnded(name=org.name, kind=kind, wanted=wanted)


def _newest(kind: str, on: date) -> tuple[str, str]:
    rows = models.WorkStandard.objects.filter(kind=kind, from_on__lte=on).order_by("-from_on")
    found = rows.values_list("version", "digest").first()
    if found is None:
        raise StandardMissing
    return found


@cache
def _grading(version: str, digest: str) -> work_rules.GradingStandard:
    return work_rules.read_grading(_body(version, digest))


@cache
def _floor(version: str, digest: str) -> work_rules.FloorStandard:
    return work_rules.read_floor(_body(version, digest))


def _body(version: str, digest: str) -> dict[str, Any]:
    del digest  # part of the key: another database may hold another text
    body: dict[str, Any] = models.WorkStandard.objects.get(pk=version).body
    return body
