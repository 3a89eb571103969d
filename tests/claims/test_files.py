"""A merchant's claims file is judged row by row, with no database and without giving up early."""

import csv
import datetime
import io
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from huanxin.catalogue import services as catalogue
from huanxin.catalogue.types import NewModel
from huanxin.claims import _filecheck, files, rules, selectors
from huanxin.claims.errors import FileUnreadable
from huanxin.claims.types import RowDecision
from tests import given, given_catalogue

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "claims-template.csv"
HONEST = {
    "单号": "A001", "销售日期": "2026-07-15", "县区代码": "371502", "品类": "冰箱", "能效等级": "1",
    "品牌": "测试牌", "商品条码": "6901234567892", "序列号": "SN20260001", "标价": "4999.00",
    "焕新券": "60.00", "申报补贴": "740.85", "发票号码": "26372000000000000001",
    "发票金额": "4939.00", "开票日期": "2026-07-15", "购买人": "王女士",
    "购买人证件号": "990000195403070017", "资格券号": "BT-1",
}  # fmt: skip


def as_csv(*rows: dict, encoding: str = "utf-8-sig") -> bytes:
    headings = [column.heading for column in files.COLUMNS]
    out = io.StringIO()
    writer = csv.DictWriter(out, headings)
    writer.writeheader()
    for row in rows:
        writer.writerow({key: value for key, value in row.items() if value is not None})
    return out.getvalue().encode(encoding)


def as_xlsx(*rows: dict) -> bytes:
    book = Workbook()
    headings = [column.heading for column in files.COLUMNS]
    book.active.append(headings)
    for row in rows:
        book.active.append([row.get(heading) for heading in headings])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def another(number: int, **changes) -> dict:
    """An honest row of another person, unit, invoice and right."""
    return {
        **HONEST, "单号": f"A{number:03d}", "序列号": f"SN2026{number:04d}",
        "发票号码": f"2637200000000000{number:04d}", "资格券号": f"BT-{number}",
        "购买人证件号": f"99000019540307{number:04d}", **changes,
    }  # fmt: skip


def check(tmp_path, content: bytes, name: str = "七月.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return selectors.check_file(path)


def codes(row) -> list[str]:
    return [reason.code for reason in row.reasons]


def test_the_fridge_of_the_design_passes_without_a_database(tmp_path):
    report = check(tmp_path, as_csv(HONEST))

    [row] = report.rows
    assert row.decision is RowDecision.PASS
    assert (row.row, row.order_no, row.amount_fen, row.claimed_fen) == (2, "A001", 74_085, 74_085)
    assert (row.policy_id, row.document) == ("appliances-2026", "商办流通函〔2025〕469号")
    assert len(row.version_hash) == 64
    assert codes(row) == []


def test_the_rule_of_the_payment_date_decides(tmp_path):
    report = check(
        tmp_path,
        as_csv(
            another(1, 销售日期="2025-12-31", 申报补贴="987.80"),
            another(2, 销售日期="2026-01-01"),
        ),
    )

    assert [row.policy_id for row in report.rows] == ["appliances-2025", "appliances-2026"]
    assert [row.amount_fen for row in report.rows] == [98_780, 74_085]
    assert [row.decision for row in report.rows] == [RowDecision.PASS, RowDecision.PASS]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_both_encodings_of_a_chinese_csv_are_read(tmp_path, encoding):
    report = check(tmp_path, as_csv(HONEST, encoding=encoding))

    assert report.rows[0].decision is RowDecision.PASS


def test_a_spreadsheet_with_numbers_and_dates_reads_like_the_csv(tmp_path):
    row = {
        **HONEST, "销售日期": datetime.datetime(2026, 7, 15),  # noqa: DTZ001  as openpyxl gives it
        "能效等级": 1, "标价": 4999,
        "焕新券": 60.0, "申报补贴": 740.85, "发票金额": 4939, "县区代码": 371502,
        "商品条码": 6901234567892, "开票日期": datetime.date(2026, 7, 15),
    }  # fmt: skip

    report = check(tmp_path, as_xlsx(row), "七月.xlsx")

    assert report.rows == check(tmp_path, as_csv(HONEST)).rows


def test_an_invoice_number_stored_as_a_number_is_not_guessed(tmp_path):
    report = check(tmp_path, as_xlsx({**HONEST, "发票号码": 26372000000000000001}), "七月.xlsx")

    [problem] = report.problems
    assert problem.sentence == (
        "第 2 行“发票号码”：被存成了数字，末几位可能已丢失，请将该列设为“文本”格式后重新录入。"
    )


def test_a_bad_row_is_named_by_row_and_column_and_the_others_go_on(tmp_path):
    bad = another(2, 销售日期="七月十五", 标价="四千九", 品类="飞机", IMEI="123", 购买人="")

    report = check(tmp_path, as_csv(another(1), bad, another(3)))

    assert [row.decision for row in report.rows] == [
        RowDecision.PASS, RowDecision.UNREADABLE, RowDecision.PASS,
    ]  # fmt: skip
    assert [(p.row, p.column) for p in report.problems] == [
        (3, "销售日期"), (3, "品类"), (3, "IMEI"), (3, "标价"), (3, "购买人"),
    ]  # fmt: skip
    assert all(problem.say.endswith("。") for problem in report.problems)


def test_blank_rows_keep_the_spreadsheets_row_numbers(tmp_path):
    lines = as_csv(another(1), another(2)).decode("utf-8-sig").splitlines()
    text = "\r\n".join(["聊城市补贴申报表", "", lines[0], lines[1], ",,,", lines[2]])

    report = check(tmp_path, text.encode())

    assert [row.row for row in report.rows] == [4, 6]


@pytest.mark.parametrize(
    ("changes", "decision", "found"),
    [
        ({"能效等级": "2"}, RowDecision.REFUSE, ["R201"]),
        ({"品类": "油烟机"}, RowDecision.REFUSE, ["R204"]),
        ({"销售日期": "2027-01-01", "开票日期": None}, RowDecision.REFUSE, ["R205"]),
        ({"申报补贴": "740.86"}, RowDecision.HOLD, ["R907"]),
        ({"申报补贴": "740.84"}, RowDecision.PASS, ["R908"]),
        ({"发票金额": "4938.99"}, RowDecision.HOLD, ["R906"]),
        ({"发票金额": None}, RowDecision.HOLD, ["R905"]),
        ({"备案价": "4998.99"}, RowDecision.HOLD, ["R909"]),
        ({"备案价": "4999.00"}, RowDecision.PASS, []),
        ({"付款人": "李先生"}, RowDecision.HOLD, ["R910"]),
        ({"付款人": "王女士", "收货人": "王女士"}, RowDecision.PASS, []),
        ({"开票日期": "2026-07-14"}, RowDecision.HOLD, ["R911"]),
        ({"品类": "手机", "能效等级": None, "申报补贴": "500"}, RowDecision.HOLD, ["R905"]),
    ],
)
def test_a_row_gets_its_decision_and_its_reasons(tmp_path, changes, decision, found):
    [row] = check(tmp_path, as_csv({**HONEST, **changes})).rows

    assert (row.decision, codes(row)) == (decision, found)
    assert all(reason.say.endswith("。") and reason.do for reason in row.reasons)


@pytest.mark.parametrize(
    ("shared", "found"),
    [
        ({"序列号": "sn-2026 0001"}, ["R901"]),
        ({"发票号码": HONEST["发票号码"]}, ["R902"]),
        ({"资格券号": "BT-1"}, ["R903"]),
        ({"购买人证件号": HONEST["购买人证件号"]}, ["R904"]),
    ],
)
def test_of_two_rows_that_use_the_same_thing_the_later_is_refused(tmp_path, shared, found):
    first, second = check(tmp_path, as_csv(HONEST, another(2, **shared))).rows

    assert first.decision is RowDecision.PASS
    assert (second.decision, codes(second)) == (RowDecision.REFUSE, found)
    if found != ["R904"]:
        assert "第 2 行" in second.reasons[0].say


def test_the_same_person_may_have_three_air_conditioners_in_2025_but_not_four(tmp_path):
    rows = [
        another(
            n, 品类="空调", 销售日期="2025-06-01", 开票日期="2025-06-01", 申报补贴="987.80",
            购买人证件号="990000195403070017",
        )
        for n in range(1, 5)
    ]  # fmt: skip

    report = check(tmp_path, as_csv(*rows))

    assert [row.decision for row in report.rows] == [RowDecision.PASS] * 3 + [RowDecision.REFUSE]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "前 10 行中没有找到表头"),
        ("甲,乙,丙\n1,2,3\n".encode(), "前 10 行中没有找到表头"),
        ("单号,销售日期,品类\n".encode(), "缺少表头：序列号、标价、申报补贴、发票号码、购买人"),
        (as_csv(HONEST).replace("单号".encode(), "品类".encode()), "表头重复：品类"),
        (b"\xd0\xcf\x11\xe0 old excel", "这是旧版 .xls 文件"),
        (b"PK\x03\x04 not really", "不是有效的 XLSX 文件"),
        (b"\xff\xfe\xff\xff\xff", "编码既不是 UTF-8 也不是 GBK"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, content, why):
    with pytest.raises(FileUnreadable) as refusal:
        check(tmp_path, content)

    assert refusal.value.facts["reason"] == why


@pytest.mark.parametrize("name", ["claims-template.csv", "claims-template.xlsx"])
def test_the_shipped_example_shows_every_outcome(name):
    report = selectors.check_file(ROOT / "examples" / name)

    assert {row.decision for row in report.rows} == set(RowDecision)
    assert report.rows[0].amount_fen == 74_085


def test_the_two_shipped_examples_are_the_same_file():
    reports = [
        selectors.check_file(ROOT / "examples" / f"claims-template.{kind}")
        for kind in ("csv", "xlsx")
    ]

    assert reports[0].rows == reports[1].rows


def test_the_documented_template_is_the_one_that_is_read():
    page = (ROOT / "docs" / "claims-file.md").read_text("utf-8")
    book = load_workbook(ROOT / "examples" / "claims-template.xlsx", read_only=True)
    shipped = [str(cell).rstrip("*") for cell in next(book.worksheets[0].values)]
    book.close()

    assert shipped == [column.heading for column in files.COLUMNS]
    for column in files.COLUMNS:
        required = "必填" if column.is_required else ""
        assert f"| {column.heading} | {required} | {column.says} |" in page


@pytest.mark.django_db
def test_an_upload_is_also_compared_with_what_is_filed():
    given_catalogue.reference()
    row = {**HONEST, "商品条码": given_catalogue.gtin()}
    catalogue.file_models(
        actor=given.system(),
        models=[NewModel(row["商品条码"], "测试牌", "型号", "refrigerator", 2)],
    )

    [verdict] = selectors.check_upload("七月.csv", as_csv(row)).rows

    assert (verdict.decision, codes(verdict)) == (RowDecision.REFUSE, ["R912"])


@pytest.mark.django_db
def test_a_barcode_that_nobody_filed_is_pointed_out():
    [verdict] = selectors.check_upload("七月.csv", as_csv(HONEST)).rows

    assert (verdict.decision, codes(verdict)) == (RowDecision.PASS, ["R913"])


def test_every_reason_for_files_can_be_given():
    source = Path(_filecheck.__file__).read_text("utf-8")
    listed = {code for code, row in rules.reasons().items() if row.kind == "file"}

    assert listed == {code for code in rules.reasons() if f'"{code}"' in source}
