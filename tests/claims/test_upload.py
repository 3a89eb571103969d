"""Evidence for many sales at once: each row is answered, good rows stored or none, as asked."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from openpyxl import Workbook

from huanxin.claims import models
from huanxin.claims.errors import FileUnreadable, UploadNotFound, UploadOfNobody
from huanxin.claims.services import recording, returning, uploading
from huanxin.claims.types import EvidenceKind, VerifyStatus
from huanxin.claims.types.uploads import Keep, Paper, UploadRow
from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from tests import given, given_claims, given_vouchers

pytestmark = pytest.mark.django_db

HEADS = (
    "单号", "发票号码", "价税合计", "开票日期", "购买人证件号", "机身序列号", "发货时间",
    "签收时间", "收货人证件号", "承运商", "运单号",
)  # fmt: skip
AT = given_claims.SOLD_AT + timedelta(days=1)


def sold(count=1):
    """Sales of one shop: (manager, [(till, receipt)])."""
    pool_id = given_vouchers.pool(quantity=count)
    first = given_claims.till(pool_id=pool_id)
    rest = [
        given_claims.till(pool_id=pool_id, org_id=first.sale.merchant_id) for _ in range(count - 1)
    ]
    return first.manager, [(one, one.sell()) for one in (first, *rest)]


def line(till, receipt, serial=1, **changes):
    cells = {
        "单号": receipt.number, "发票号码": f"2637{serial:016d}",
        "价税合计": f"{receipt.price_fen / 100:.2f}", "开票日期": date(2026, 9, 1),
        "购买人证件号": till.document_no, "机身序列号": till.sale.serial,
        "发货时间": "2026-09-01 12:30", "签收时间": "2026-09-01 18:00",
        "收货人证件号": till.document_no, "承运商": "某快递", "运单号": f"SF{serial:010d}",
    }  # fmt: skip
    return [(cells | changes)[head] for head in HEADS]


def book(*lines, heads=HEADS):
    made = Workbook()
    for cells in (heads, *lines):
        made.active.append(list(cells))
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def upload(manager, content, keep=Keep.GOOD, *, at=AT, name="材料.xlsx"):
    with clock.standing_at(at):
        return uploading.upload_file(actor=manager, name=name, content=content, keep=keep)


def counts():
    return models.Evidence.objects.count(), models.Upload.objects.count()


def test_a_file_brings_the_facts_of_many_sales_and_marks_them_as_bulk():
    manager, sales = sold(2)

    found = upload(manager, book(*(line(*one, i) for i, one in enumerate(sales))))

    assert (found.row_count, found.stored_count, found.refused_count) == (2, 2, 0)
    claim = given_claims.claim_of(sales[0][1].sale_id)
    assert {one.kind for one in claim.evidence} == {
        EvidenceKind.INVOICE, EvidenceKind.LABEL, EvidenceKind.DELIVERY,
    }  # fmt: skip
    assert all(one.is_bulk and not one.is_late for one in claim.evidence)
    reading = models.Reading.objects.get(sale_id=sales[0][1].sale_id)
    assert (reading.carrier, reading.waybill) == ("某快递", "SF0000000000")
    assert reading.invoice_total_fen == sales[0][1].price_fen
    assert claim.card.submitted_at is not None  # all that is wanted is in: it waits for the checks


def test_the_good_rows_are_stored_and_the_others_come_back_with_their_reasons():
    manager, sales = sold(3)
    bad = line(*sales[1], 2, 价税合计=f"{(sales[1][1].price_fen + 1) / 100:.2f}")

    found = upload(manager, book(line(*sales[0], 1), bad, line(*sales[2], 3)))

    assert (found.stored_count, found.refused_count) == (2, 1)
    [problem] = found.problems
    assert problem.sentence == (
        "第 3 行“价税合计”：价税合计 ¥4,999.01 与成交价 ¥4,999.00 相差 ¥0.01，"
        "请按原件更正；售后降过价的请先办理保价或部分退款。"
    )
    heads, rows = uploading.mark_file(actor=manager, upload_id=found.id)
    assert heads[-2:] == ["处理结果", "问题与怎么办"]
    assert [row[0] for row in rows] == [sales[1][1].number]
    assert rows[0][-1] == problem.sentence
    assert not models.Evidence.objects.filter(sale_id=sales[1][1].sale_id).exists()


def test_all_or_none_keeps_everything_out_for_one_bad_row():
    manager, sales = sold(2)
    content = book(line(*sales[0], 1), line(*sales[1], 2, 单号="XS260901-1502-0000000-0"))

    found = upload(manager, content, Keep.ALL)

    assert (found.stored_count, found.refused_count) == (0, 1)
    assert models.Evidence.objects.count() == 0
    with pytest.raises(IntegrityError, match="upload_all_or_nothing"), transaction.atomic():
        models.Upload.objects.create(
            id=uuid4(), org_id=manager.org_id, channel="file", sha256="0" * 64, keep="all",
            row_count=2, stored_count=1, refused_count=1, uploaded_at=AT, account_id=uuid4(),
        )  # fmt: skip


def test_the_same_file_again_changes_nothing():
    manager, sales = sold(1)
    content = book(line(*sales[0]))

    first = upload(manager, content)
    again = upload(manager, content, name="再传一次.xlsx")

    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.id == first.id
    assert counts() == (3, 1)


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"价税合计": "=4000+999"}, "价税合计", "是公式"),
        ({"发票号码": 26372000000012345678}, "发票号码", "被存成了数字"),
        ({"机身序列号": "SN-OTHER-1"}, "机身序列号", "不一致"),
        ({"签收时间": "昨天"}, "签收时间", "不是日期"),
        ({"单号": ""}, "单号", "不能为空"),
        ({"单号": "XS1"}, "单号", "没有单号为 XS1 的本店销售"),
    ],
)
def test_a_bad_row_names_its_cell_and_what_to_do(changes, column, words):
    manager, sales = sold(1)

    found = upload(manager, book(line(*sales[0], **changes)))

    assert found.stored_count == 0
    assert found.problems[0].column == column
    assert words in found.problems[0].say
    assert models.Evidence.objects.count() == 0


def test_a_sale_or_an_invoice_twice_is_refused_where_it_comes_second():
    manager, sales = sold(2)
    one, other = sales
    same_invoice = line(*other, 7, 发票号码=f"2637{1:016d}")

    found = upload(manager, book(line(*one, 1), line(*one, 2), same_invoice))

    assert found.stored_count == 1
    assert [(p.row, p.column) for p in found.problems] == [(3, "单号"), (4, "发票号码")]
    later = upload(manager, book(same_invoice))
    assert "已用于另一笔申报" in later.problems[0].say


def test_goods_that_came_back_take_no_papers_any_more():
    manager, sales = sold(1)
    returning.return_sale(
        actor=manager, sale_id=sales[0][1].sale_id, reason="七天无理由退货", request_id=uuid4()
    )

    found = upload(manager, book(line(*sales[0])))

    assert found.problems[0].say == "这笔销售已经退货，不再接收材料，请从表中删除。"
    assert models.Evidence.objects.count() == 0


def test_a_decided_claim_and_another_shops_sale_are_refused():
    till, claim = given_claims.decided()
    assert claim.card.verify_status is VerifyStatus.PASSED
    other = given_claims.till()
    receipt = replace(other.sell())

    found = upload(till.manager, book(
        line(till, receipt, 1), [claim.card.number, *[""] * 9, "SF1"],
    ))  # fmt: skip

    says = [problem.say for problem in found.problems]
    assert "没有单号为" in says[0]
    assert "已有结论" in says[1]


def test_papers_long_after_the_sale_are_marked_late():
    manager, sales = sold(1)

    upload(manager, book(line(*sales[0])), at=AT + timedelta(days=20))

    assert all(one.is_late for one in given_claims.claim_of(sales[0][1].sale_id).evidence)


def test_what_is_no_such_file_is_refused_in_words():
    manager, _ = sold(1)
    for content in (
        b"",
        b"PK\x03\x04 torn",
        b"\xd0\xcf\x11\xe0",
        book(heads=("a", "b")),
        "单号\n1".encode(),
    ):
        with pytest.raises(FileUnreadable):
            upload(manager, content)
    with pytest.raises(UploadOfNobody):
        upload(given.system(), b"x")

    assert counts() == (0, 0)


def rows_of(sales):
    return [
        UploadRow(i, receipt.number, (
            Paper(EvidenceKind.DELIVERY, {
                "carrier": "某快递", "waybill": f"SF{i}", "shipped_at": "2026-09-01T12:30:00+08:00",
                "signed_at": "2026-09-01T18:00:00+08:00", "address": "测试路1号",
                "address_region_code": "371502",
            }),
        ))
        for i, (_, receipt) in enumerate(sales, start=1)
    ]  # fmt: skip


def test_a_call_answers_every_row_in_its_place_and_once():
    manager, sales = sold(2)
    rows = [*rows_of(sales), UploadRow(3, "XS9", ())]
    rows.append(replace(rows[0], row=4, number="XS8", papers=(Paper(EvidenceKind.PAYMENT),)))
    request_id = uuid4()
    submit = {"actor": manager, "keep": Keep.GOOD, "request_id": request_id}

    first = uploading.submit_batch(rows=rows, **submit)
    again = uploading.submit_batch(rows=rows, **submit)

    assert [one.is_stored for one in first.rows] == [True, True, False, False]
    assert first.rows[0].missing == (EvidenceKind.INVOICE, EvidenceKind.LABEL)
    assert "没有单号为 XS9" in first.rows[2].problems[0].say
    assert (again.is_repeat, again.rows) == (True, first.rows)
    assert models.Evidence.objects.count() == 2
    with pytest.raises(RequestReused):
        uploading.submit_batch(rows=rows[:1], **submit)


def test_a_bad_date_in_a_call_refuses_its_row_alone():
    manager, sales = sold(2)
    rows = rows_of(sales)
    bad = Paper(EvidenceKind.DELIVERY, {"signed_at": "gestern"})

    found = uploading.submit_batch(
        actor=manager, rows=[rows[0], replace(rows[1], papers=(bad,))], keep=Keep.GOOD,
        request_id=uuid4(),
    )  # fmt: skip

    assert [one.is_stored for one in found.rows] == [True, False]
    assert "不是日期或时间" in found.rows[1].problems[0].say


def test_an_upload_is_its_shops_own():
    manager, sales = sold(1)
    found = upload(manager, book(line(*sales[0])))
    other = given_claims.till().manager

    with pytest.raises(UploadNotFound):
        uploading.find_upload(actor=other, upload_id=found.id)
    assert uploading.list_uploads(actor=other).total == 0


def test_the_address_is_kept_as_a_key_alone():
    manager, sales = sold(1)
    uploading.submit_batch(actor=manager, rows=rows_of(sales), keep=Keep.GOOD, request_id=uuid4())

    reading = models.Reading.objects.get(sale_id=sales[0][1].sale_id)
    assert reading.address_region_code == "371502"
    assert len(reading.address_key) == 64
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM claims_evidence WHERE facts::text LIKE '%测试路%'")
        assert cursor.fetchone()[0] == 0


def test_the_canonical_record_has_every_field_of_its_page():
    import re
    from pathlib import Path

    till, claim = given_claims.decided()
    record = recording.read_record(actor=till.manager, claim_id=claim.card.claim_id)
    page = (Path(__file__).parents[2] / "docs/claim-record.md").read_text("utf-8")

    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(record)
    assert record["platform_order_no"] == claim.card.number
    assert record["invoice_total_fen"] == claim.card.price_fen
    assert till.document_no not in str(record)


def many(receipt, count):
    """Copies of one sale, by SQL: what a year of a large shop looks like to an upload."""
    with connection.cursor() as cursor:
        for table, changes in (
            ("claims_sale", {"id": "md5('s' || i)::uuid", "number": "'XSMANY-' || i",
                             "serial": "'SNMANY' || i", "serial_norm": "'SNMANY' || i"}),
            ("claims_claim", {"id": "md5('c' || i)::uuid", "sale_id": "md5('s' || i)::uuid",
                              "qualification_id": "md5('q' || i)::uuid",
                              "device_key": "'X|SNMANY' || i"}),
        ):  # fmt: skip
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
            )
            names = [row[0] for row in cursor.fetchall()]
            said = ", ".join(changes.get(name, f"t.{name}") for name in names)
            key = "id" if table == "claims_sale" else "sale_id"
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {said}"
                f" FROM {table} t, generate_series(1, %s) AS i WHERE t.{key} = %s",
                [count, receipt.sale_id],
            )


@pytest.mark.slow
def test_ten_thousand_rows_with_three_hundred_errors_come_back_sorted_out():
    manager, [(till, receipt)] = sold(1)
    many(receipt, 10_000)
    lines = [
        line(
            till, receipt, i, 单号=f"XSMANY-{i}",
            机身序列号=f"SNMANY{i}" if i % 100 > 3 or i % 100 == 0 else "SN-WRONG-1",
        )
        for i in range(1, 10_001)
    ]  # fmt: skip

    found = upload(manager, book(*lines))
    heads, rows = uploading.mark_file(actor=manager, upload_id=found.id)

    assert (found.row_count, found.stored_count, found.refused_count) == (10_000, 9_700, 300)
    assert models.Evidence.objects.count() == 3 * 9_700
    assert len(rows) == 300
    assert all("不一致" in row[len(heads) - 1] for row in rows)


@pytest.mark.django_db(transaction=True)
def test_one_file_sent_by_three_hands_at_once_is_stored_once(race):
    manager, sales = sold(1)
    content = book(line(*sales[0]))

    answers = race(lambda _: upload(manager, content), 3)

    assert not any(isinstance(one, Exception) for one in answers), answers
    assert sum(not one.is_repeat for one in answers) == 1
    assert counts() == (3, 1)
