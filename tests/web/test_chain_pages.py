"""Pages of re-use, cases, stock-takes, the fund and the month's report say one thing everywhere."""

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from huanxin.identity.models import Licence
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.selectors import plant_book
from huanxin.recycling.types.depot import WeighIn
from tests import given, given_desk, given_recycling
from tests.given_recycling import FINE
from tests.recycling.conftest import ticking  # noqa: F401 - a fixture
from tests.recycling.test_books import gate, on_floor, run
from tests.recycling.test_renewal import INVOICE
from tests.recycling.test_sorting import packed, stocked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking")]
PLANT = ("cases", "coefficients", "counts", "fund", "months/report.xlsx")
DEPOT = ("renewals", "cases", "stock", "grading")


@pytest.fixture
def here():
    with clock.standing_at(given_recycling.EVENING):
        yield given_recycling.city()


@pytest.fixture
def manager(client, here):
    return given_desk.enter(client, Role.RECYCLER_MANAGER, here.recycler_id)


@pytest.fixture
def clerk(client, here):
    return given_desk.enter(client, Role.DISMANTLER_CLERK, here.dismantler_id)


@pytest.mark.parametrize(
    ("desk", "name"), [*(("dismantler", n) for n in PLANT), *(("recycler", n) for n in DEPOT)]
)
def test_every_page_is_its_desks_and_nobody_elses(client, here, desk, name):
    roles = {
        "dismantler": (Role.DISMANTLER_CLERK, here.dismantler_id),
        "recycler": (Role.RECYCLER_MANAGER, here.recycler_id),
    }
    given_desk.enter(client, *roles.pop(desk))
    assert client.get(f"/{desk}/{name}").status_code == 200
    [other] = roles.values()
    given_desk.enter(client, *other)
    assert client.get(f"/{desk}/{name}").status_code == 403


def test_a_unit_is_repaired_priced_and_sold_on_its_page(client, here, manager):
    [code] = stocked(here, 1, answers=FINE)
    assert code in client.get("/recycler/renewals").content.decode()
    place = f"/recycler/renewals/{code}"
    work = {"done": "换密封条", "cost": "35", "is_safe": "yes", "tester": "张"}
    work["request_id"] = uuid4()
    assert client.post(f"{place}/work", work).status_code == 302
    offer = {"price": "380", "warranty_months": 6, "request_id": uuid4()}
    assert client.post(f"{place}/offer", offer).status_code == 302
    sale = {"price": "360", "invoice_no": "7", "warranty_months": 6, "request_id": uuid4()}
    refused = client.post(f"{place}/sell", sale)
    assert 'data-code="recycling.invoice_not_fit"' in refused.content.decode()
    sale["invoice_no"] = INVOICE
    for _again in range(2):
        assert client.post(f"{place}/sell", sale).status_code == 302
    sold = models.RenewalSale.objects.get()
    page = client.get(place).content.decode()
    assert sold.next_code in page
    assert "保修至" in page
    for shown in (code, sold.next_code):  # both codes lead to both lives
        story = client.get(f"/trace/{shown}").content.decode()
        assert code in story
        assert sold.next_code in story


def test_papers_of_a_lot_are_pdfs_of_its_own_parties(client, here, manager):
    lot = packed(here, stocked(here))
    place = f"/recycler/lots/{lot.id}"
    truck = {"plate_no": "鲁P1", "driver_name": "李", "seal_no": "F1"}
    assert client.post(f"{place}/ship", truck | {"seal_no": ""}).status_code == 422
    assert client.post(f"{place}/ship", truck).status_code == 302
    for name in ("label", "manifest"):
        answer = client.get(f"{place}/{name}.pdf")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    given_desk.enter(client, Role.RECYCLER_MANAGER, given.organisation(OrgKind.RECYCLER))
    assert client.get(f"{place}/manifest.pdf").status_code == 404


def test_both_sides_speak_and_the_finder_ends_a_case(client, here, manager):
    first, second = codes = stocked(here, 2)
    gate(here, codes, WeighIn(first, 62_700))
    case = models.Case.objects.get()
    said = {"said": "第二台没有装上车。", "request_id": uuid4(), "do": "speak"}
    assert second in client.get("/recycler/cases").content.decode()
    assert client.post(f"/recycler/cases/{case.id}", said).status_code == 302
    ending = {"said": "认可这个说明。", "outcome": "lost", "request_id": uuid4(), "do": "resolve"}
    assert client.post(f"/recycler/cases/{case.id}", ending).status_code == 403
    given_desk.enter(client, Role.DISMANTLER_CLERK, here.dismantler_id)
    page = client.get(f"/dismantler/cases/{case.id}").content.decode()
    assert "第二台没有装上车" in page
    ending["said"] = "已核对，认可说明。"
    assert client.post(f"/dismantler/cases/{case.id}", ending).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("resolved", "lost")


def test_the_months_report_says_what_the_pages_say(client, here, clerk):
    first, *_rest = on_floor(here, 3)
    run(here, [first], compressors=1)
    book = load_workbook(io.BytesIO(client.get("/dismantler/months/report.xlsx").content))
    lines = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    stock = plant_book.list_book_stock(clerk.scope)[0]
    assert lines["库存账"][1][1:5] == (0, 3, 1, stock.book_count)
    [fund] = plant_book.list_fund_lines(clerk.scope, month=date(2026, 6, 1))
    assert fund.total_fen in lines["按类应补"][1]
    assert sum(row[-1] for row in lines["逐台应补"][1:]) == fund.total_fen
    page = client.get("/dismantler/fund").content.decode()
    assert "55" in page
    assert first in page


def test_a_count_is_typed_refused_without_a_reason_and_kept_with_one(client, here, clerk):
    on_floor(here, 2)
    sent = {"units-01": "1", "mass-01": "62.7", "why-01": "", "request_id": uuid4()}
    refused = client.post("/dismantler/counts", sent)
    assert 'data-code="recycling.stock_needs_reason"' in refused.content.decode()
    assert not models.StockTake.objects.exists()
    assert client.post("/dismantler/counts", sent | {"why-01": "一台借给检测"}).status_code == 302
    assert models.StockTakeLine.objects.get().counted_count == 1


def test_the_fund_is_claimed_from_the_page_once_the_month_is_over(client, here, clerk):
    run(here, on_floor(here, 2))
    sent = {"month": "2026-06", "request_id": uuid4()}
    assert "提交本月申报" not in client.get("/dismantler/fund?month=2026-06").content.decode()
    early = client.post("/dismantler/fund", sent)
    assert 'data-code="recycling.claim_not_ready"' in early.content.decode()
    with clock.standing_at(clock.moment(date(2026, 7, 2), 9)):
        assert "提交本月申报" in client.get("/dismantler/fund?month=2026-06").content.decode()
        assert client.post("/dismantler/fund", sent).status_code == 302
        assert "已申报" in client.get("/dismantler/fund?month=2026-06").content.decode()
    assert models.FundClaim.objects.get().total_fen == 110_00


def test_a_licence_that_ends_soon_is_said_on_the_first_page(client, here, clerk):
    page = client.get("/dismantler/lots").content.decode()
    assert "到期" not in page
    licence = Licence.objects.filter(organisation_id=here.dismantler_id)
    licence.update(to_on=clock.today() + timedelta(days=30))
    assert "将于" in client.get("/dismantler/lots").content.decode()
    licence.update(to_on=clock.today())
    assert "不能接收旧机" in client.get("/dismantler/lots").content.decode()


def test_a_certificate_is_a_pdf_for_its_own_plant(client, here, clerk):
    card = run(here, on_floor(here, 1))
    answer = client.get(f"/dismantler/certificates/{card.number}/pdf")
    assert answer.content.startswith(b"%PDF")
    given_desk.enter(client, Role.DISMANTLER_CLERK, given.organisation(OrgKind.DISMANTLER))
    assert client.get(f"/dismantler/certificates/{card.number}/pdf").status_code == 404
