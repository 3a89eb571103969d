import csv
import io
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from huanxin.catalogue import selectors as catalogue
from huanxin.exchange import selectors
from huanxin.exchange.errors import FileUnreadable, ListNotImportable, ListUnknown
from huanxin.exchange.services import importing
from huanxin.exchange.types import Outcome
from huanxin.identity import selectors as identity
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import tables
from huanxin.kernel.errors import RequestReused
from huanxin.kernel.sqlfiles import read_folder
from tests import given, given_accounts, given_catalogue

pytestmark = pytest.mark.django_db
NAMES = [file.name for file in read_folder("huanxin.exchange.lists")]
HEAD = "商品条码,品牌,型号,品类,能效等级\n"


def officer():
    given.regions()
    return given.staff(Role.POLICY_OFFICER, region_path=given.CITY_PATH)


def taken_in(actor, name, text, *, is_trial=False, request_id=None):
    return importing.import_list(
        actor=actor, name=name, content=text if isinstance(text, bytes) else text.encode(),
        request_id=request_id or uuid4(), is_trial=is_trial,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_list_answers_its_columns_in_every_form(name):
    everyone = given.system()
    card = selectors.get_list(everyone, name)
    page = selectors.read_list(everyone, name)
    assert all(set(row) == {column.key for column in card.columns} for row in page.rows)
    for form in ("csv", "xlsx"):
        body, _, filename = selectors.list_file(everyone, name, form)
        assert tables.read(body)[0][0].startswith(card.columns[0].title)
        assert filename.endswith(form)


def test_a_list_is_for_who_holds_its_permission():
    with pytest.raises(NotAllowed):
        selectors.read_list(given.staff(Role.CASHIER, org_id=uuid4()), "payments")
    with pytest.raises(ListUnknown):
        selectors.read_list(given.system(), "secrets")
    mine = {one.name for one in selectors.list_lists(given.staff(Role.CASHIER, org_id=uuid4()))}
    assert "claims" in mine
    assert not {"payments", "accounts"} & mine


def test_an_organisation_sees_its_own_rows_alone():
    mine = given_accounts.keeper()
    other = given_accounts.keeper()
    for number, keeper in enumerate((mine, other)):
        given_accounts.account(f"till{number}", org_id=keeper.org_id)
    assert [row["login"] for row in selectors.read_list(mine, "accounts").rows] == ["till0"]
    assert len(selectors.read_list(given.system(), "accounts").rows) == 2  # the control


def test_a_cursor_neither_skips_nor_repeats_when_rows_come_in_between():
    for _ in range(5):
        given.organisation(OrgKind.RETAILER)
    first = selectors.read_list(given.system(), "shops", limit=2)
    given.organisation(OrgKind.RETAILER)  # comes later, so it stands behind
    seen, cursor = list(first.rows), first.next_cursor
    while cursor:
        page = selectors.read_list(given.system(), "shops", cursor=cursor, limit=2)
        seen, cursor = seen + list(page.rows), page.next_cursor
    codes = [row["uscc"] for row in seen]
    assert (len(codes), len(set(codes))) == (6, 6)


def test_a_cursor_of_another_list_is_refused():
    for _ in range(2):
        given.organisation(OrgKind.RETAILER)
    cursor = selectors.read_list(given.system(), "shops", limit=1).next_cursor
    with pytest.raises(Exception, match="翻页游标无效"):
        selectors.read_list(given.system(), "stations", cursor=cursor)


def test_text_that_a_spreadsheet_would_run_is_quoted_in_both_forms():
    evil = "=HYPERLINK(1)"
    given_accounts.account("till", org_id=given_accounts.keeper().org_id)
    from huanxin.identity import models

    models.Account.objects.update(display_name=evil)
    text = selectors.list_file(given.system(), "accounts", "csv")[0].decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1][1] == f"'{evil}"
    book = load_workbook(io.BytesIO(selectors.list_file(given.system(), "accounts", "xlsx")[0]))
    assert book.active["B2"].value == f"'{evil}"
    assert book.active["B2"].data_type == "s"


def test_a_trial_tells_every_fault_and_writes_nothing():
    given_catalogue.reference()
    text = HEAD + "4006381333931,海尔,BCD-1,refrigerator,1\n123,海尔,X,refrigerator,1\n"
    text += "4006381333948,海尔,Y,nothing,1\n4006381333955,,Z,refrigerator,1\n"
    report = taken_in(officer(), "models", text, is_trial=True)
    assert [row.outcome for row in report.rows] == [
        Outcome.CREATED, Outcome.REFUSED, Outcome.REFUSED, Outcome.REFUSED,
    ]  # fmt: skip
    assert [row.number for row in report.rows] == [2, 3, 4, 5]
    assert report.rows[1].code == "catalogue.gtin_invalid"
    assert report.rows[3].code == "exchange.cell_invalid"
    assert catalogue.find_model("4006381333931") is None


def test_one_bad_row_keeps_every_row_out_and_a_clean_file_goes_in_once():
    given_catalogue.reference()
    good = HEAD + "4006381333931,海尔,BCD-1,refrigerator,1\n"
    report = taken_in(officer(), "models", good + "123,海尔,X,refrigerator,1\n")
    assert (report.is_applied, report.refused_count) == (False, 1)
    assert catalogue.find_model("4006381333931") is None
    assert taken_in(officer(), "models", good).created_count == 1
    again = taken_in(officer(), "models", good)
    assert (again.is_applied, again.created_count, again.unchanged_count) == (True, 0, 1)


def test_a_repeated_request_gets_the_first_report_and_other_content_is_refused():
    given_catalogue.reference()
    actor, request_id = officer(), uuid4()
    good = HEAD + "4006381333931,海尔,BCD-1,refrigerator,1\n"
    first = taken_in(actor, "models", good, request_id=request_id)
    assert taken_in(actor, "models", good, request_id=request_id) == first
    with pytest.raises(RequestReused):
        taken_in(actor, "models", HEAD, request_id=request_id)


def test_excel_and_chinese_encodings_are_read_alike():
    given_catalogue.reference()
    text = HEAD + "4006381333931,海尔,BCD-1,refrigerator,1\n"
    lines = list(csv.reader(io.StringIO(text)))
    forms = (text.encode("gb18030"), text.encode("utf-8-sig"), tables.as_xlsx(lines, "型号"))
    reports = [taken_in(officer(), "models", form, is_trial=True) for form in forms]
    assert [report.created_count for report in reports] == [1, 1, 1]


def test_what_was_taken_out_can_be_brought_in_again():
    for kind in (OrgKind.RETAILER, OrgKind.STATION):
        given.organisation(kind)
    for form in ("csv", "xlsx"):
        body, *_ = selectors.list_file(given.system(), "organisations", form)
        report = taken_in(given.staff(Role.ADMIN), "organisations", body)
        assert (report.unchanged_count, report.refused_count) == (2, 0)


def test_accounts_are_opened_within_the_importers_reach():
    keeper = given_accounts.keeper()
    uscc = identity.get_organisation(keeper.org_id).uscc
    head = "登录名,姓名,角色,统一社会信用代码\n"
    report = taken_in(keeper, "accounts", head + f"li,小李,cashier,{uscc}\n")
    assert report.created_count == 1
    beyond = taken_in(keeper, "accounts", head + f"li2,小李,admin,{uscc}\n")
    assert beyond.rows[0].code == "identity.role_not_givable"
    assert identity.find_account("li2") is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"\xff\xfe\x00\x01", b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_says_so(content):
    with pytest.raises(FileUnreadable):
        taken_in(officer(), "models", content)


def test_facts_are_not_brought_in_by_a_file():
    with pytest.raises(ListNotImportable):
        taken_in(given.system(), "payments", "支付单号\n1\n")
