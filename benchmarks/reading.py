"""How well and how fast papers are read: 500 rendered documents whose truth is known.

The documents are drawn by the twin with the noise of phones; the seed was never used while the
reader was written. With --write the rates go to the file that the twin's big run reads from.
"""

import csv
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from stdnum import ean

from benchmarks.figures import Figure
from huanxin.claims.reading import images, reader, sniff
from huanxin.claims.types import EvidenceKind
from huanxin.simulation import _camera, _documents, rules

SEED = 9_400_271
RATES = Path(_documents.__file__).parent / "data" / "reading_errors.csv"
_WHOLE = 10_000
_MODELS = ("BCD-260WX", "KFR-35GW", "XQG100-B14", "L65M8", "HX-P50", "JSQ25-13T2")
_GOODS = ("*制冷电器*测试牌冰箱", "*家用电器*洗衣机", "*视听设备*电视机", "*移动通信设备*手机")
_TOWNS = ("东昌府区", "茌平区", "阳谷县", "莘县", "东阿县", "冠县", "高唐县", "临清市")
_CARRIERS = ("测试物流", "东昌快运", "鲁西配送", "城配速达")
# What is drawn, by name, kind and how many of the 500.
MIX = (
    ("发票照片（有二维码）", EvidenceKind.INVOICE, 150),
    ("发票照片（无二维码）", EvidenceKind.INVOICE, 30),
    ("发票 PDF", EvidenceKind.INVOICE, 40), ("发票 OFD", EvidenceKind.INVOICE, 20),
    ("发票 XML", EvidenceKind.INVOICE, 20), ("家电铭牌", EvidenceKind.LABEL, 90),
    ("手机包装", EvidenceKind.LABEL, 40), ("送货签收单", EvidenceKind.DELIVERY, 60),
    ("激活页面", EvidenceKind.ACTIVATION, 25), ("付款截图", EvidenceKind.PAYMENT, 25),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One document: its bytes and what stands on it."""

    form: str
    kind: EvidenceKind
    content: bytes
    truth: Mapping[str, Any]


def samples(seed: int, scale: int = 100) -> Iterator[Sample]:
    """The documents of a seed; `scale` in per cent of the mix."""
    for form, kind, count in MIX:
        for n in range(max(count * scale // 100, 1)):
            rng = rules.stream(seed, form, n)
            yield _sample(form, kind, rng)


def _sample(form: str, kind: EvidenceKind, rng: random.Random) -> Sample:
    facts = _FACTS[kind](rng, form)
    if form in _DIGITAL:
        return Sample(form, kind, _DIGITAL[form](facts), facts)
    if form == "付款截图":
        return Sample(form, kind, _camera.screenshot(_documents.drawn(kind, facts)), facts)
    paper = (
        _documents.invoice_image(facts, has_code=False)
        if form == "发票照片（无二维码）"
        else _documents.drawn(kind, facts)
    )
    camera: dict[str, Any] = {}
    if kind in {EvidenceKind.LABEL, EvidenceKind.DELIVERY, EvidenceKind.ACTIVATION}:
        camera = {
            "lat_e6": rng.randint(35_900_000, 37_000_000),
            "lon_e6": rng.randint(115_300_000, 116_500_000),
            "taken_at": _moment(rng),
        }
    content = _camera.photographed(paper, rng, **camera)
    return Sample(form, kind, content, {**facts, **camera})


def _invoice(rng: random.Random, form: str) -> dict[str, Any]:
    on = date(2026, 1, 1) + timedelta(days=rng.randrange(320))
    return {
        "invoice_number": f"26{rng.choice((37, 11, 44))}{rng.randrange(10**16):016d}",
        "invoice_total_fen": rng.randint(30_000, 1_800_000),
        "invoiced_on": on,
        "buyer_document_no": rules.document_no(
            "371502", date(1950, 1, 1) + timedelta(days=rng.randrange(20_000)), rng.randrange(1000)
        ),
        "seller_uscc": rules.uscc_code("371502", rng.randrange(100_000)),
        "goods_name": rng.choice(_GOODS),
        "model": rng.choice(_MODELS),
    }


def _label(rng: random.Random, form: str) -> dict[str, Any]:
    body = f"952{rng.randrange(10**9):09d}"
    letters = "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(12))
    facts = {
        "model_read": rng.choice(_MODELS) + rng.choice(("", "A", "-2")),
        "serial_read": f"HX{letters}",
        "gtin_read": body + ean.calc_check_digit(body),
        "produced_on": date(2025, 6, 1) + timedelta(days=rng.randrange(400)),
    }
    if form == "手机包装":
        return {**facts, "imei_read": rules.imei_code(rng.randrange(1_000_000))}
    return {**facts, "grade_read": rng.choice((1, 1, 1, 2, 3))}


def _delivery(rng: random.Random, form: str) -> dict[str, Any]:
    shipped = _moment(rng)
    where = f"山东省聊城市{rng.choice(_TOWNS)}测试路{rng.randint(1, 400)}号{rng.randint(1, 9)}单元"
    return {
        "waybill": f"YS{rng.randrange(10**12):012d}",
        "carrier": rng.choice(_CARRIERS),
        "shipped_at": shipped,
        "signed_at": shipped + timedelta(hours=rng.randint(2, 90), seconds=rng.randrange(3600)),
        "address": f"{where}{rng.randint(101, 2_204)}",
    }


def _activation(rng: random.Random, form: str) -> dict[str, Any]:
    imei = rules.imei_code(rng.randrange(1_000_000))
    return {"imei_read": imei, "activated_at": _moment(rng)}


def _payment(rng: random.Random, form: str) -> dict[str, Any]:
    return {"paid_fen": rng.randint(20_000, 1_500_000), "paid_at": _moment(rng)}


def _moment(rng: random.Random) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(320 * 86_400))


_FACTS: dict[EvidenceKind, Callable[[random.Random, str], dict[str, Any]]] = {
    EvidenceKind.INVOICE: _invoice, EvidenceKind.LABEL: _label, EvidenceKind.DELIVERY: _delivery,
    EvidenceKind.ACTIVATION: _activation, EvidenceKind.PAYMENT: _payment,
}  # fmt: skip
_DIGITAL: dict[str, Callable[[Mapping[str, Any]], bytes]] = {
    "发票 PDF": _documents.invoice_pdf, "发票 OFD": _documents.invoice_ofd,
    "发票 XML": _documents.invoice_xml,
}  # fmt: skip


class Tally:
    """What became of every field of every document."""

    def __init__(self) -> None:
        self.fields: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.forms: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.wrong: list[str] = []

    def add(self, sample: Sample, read: Mapping[str, Any], seconds: float, *, by: str) -> None:
        self.seconds[by].append(seconds)
        for name, value in sample.truth.items():
            if name == "model":
                continue  # drawn on invoices, read from labels
            found = read.get(name)
            outcome = "unread" if found is None else "right" if found == value else "wrong"
            self.fields[sample.kind, name][outcome] += 1
            self.forms[sample.form, name][outcome] += 1
            if outcome == "wrong":
                self.wrong.append(f"{sample.form} {name}: {value} read as {found}")

    def rate(self, key: tuple[str, str], outcome: str) -> int:
        counts = self.fields[key]
        return counts[outcome] * _WHOLE // sum(counts.values())


def run(seed: int, scale: int = 100) -> Tally:
    """Read every document of a seed, on one core, and hold what was read against what was drawn."""
    tally = Tally()
    for sample in samples(seed, scale):
        began = time.process_time()
        media = sniff.media_of(sample.content)
        read = reader.read(sample.content, media, sample.kind)
        found = {one.fact: one.value for one in read.fields if one.is_sure}
        if media.is_picture:
            picture = images.opened(sample.content)
            camera = {"lat_e6": picture.lat_e6, "lon_e6": picture.lon_e6,
                      "taken_at": picture.taken_at}  # fmt: skip
            found |= {name: value for name, value in camera.items() if value is not None}
        seconds = time.process_time() - began
        has_code = any(one.source == "qr" for one in read.fields)
        tally.add(sample, found, seconds, by=_way(sample, has_code=has_code))
    return tally


def _way(sample: Sample, *, has_code: bool) -> str:
    if sample.form in _DIGITAL:
        return "digital"
    if sample.kind is EvidenceKind.INVOICE:
        return "qr" if has_code else "page"
    return "page"


def measure() -> Iterator[Figure]:
    """Rates by field, then the seconds of one core by the way a paper is read."""
    list(_warm())
    tally = run(SEED)
    if "--write" in sys.argv:
        write_rates(tally)
    for kind, name in sorted(tally.fields):
        yield Figure(f"read right: {kind} {name}", tally.rate((kind, name), "right") / 100, "%", 0,
                     at_least=True)  # fmt: skip
        yield Figure(
            f"read wrong and called sure: {kind} {name}",
            tally.rate((kind, name), "wrong") / 100, "%", 1,
        )  # fmt: skip
    goals = {"qr": (1.5, "s", 1), "page": (4.0, "s", 1), "digital": (30.0, "ms", 1_000)}
    for way, (goal, unit, times) in goals.items():
        taken = sorted(tally.seconds[way])
        p95 = taken[len(taken) * 95 // 100]
        yield Figure(f"read a paper: {way}, median", statistics.median(taken) * times, unit, goal)
        yield Figure(f"read a paper: {way}, 95 in 100", p95 * times, unit, goal)


def _warm() -> Iterator[None]:
    """Models are loaded once a process; the first document would pay for all."""
    for sample in samples(1, scale=1):
        reader.read(sample.content, sniff.media_of(sample.content), sample.kind)
        yield


def write_rates(tally: Tally) -> None:
    """The rates by kind of paper and field, per 10,000."""
    with RATES.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["document", "field", "right", "wrong", "unread"])
        for key in sorted(tally.fields):
            wrong, unread = tally.rate(key, "wrong"), tally.rate(key, "unread")
            out.writerow([*key, _WHOLE - wrong - unread, wrong, unread])
