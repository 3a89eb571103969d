"""The month's report as a workbook: its sheets are the tables of the pages, figure for figure."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from openpyxl import Workbook

from huanxin.kernel.actor import Scope
from huanxin.recycling.selectors import floor_book, plant_book
from huanxin.web import exports, values
from huanxin.web.dismantler import books, ledgers
from huanxin.web.parts import Table
from huanxin.web.session import actor_of, audience, permitted


@require_safe
@audience("dismantler")
@permitted("recycling.read")
def report(request: HttpRequest) -> HttpResponse:
    """Stock, runs, materials, coefficients and fund of one month."""
    month = ledgers.month_asked(request)
    book = Workbook(write_only=True)
    for table in _tables(actor_of(request).scope, month):
        exports.add_sheet(book, table)
    name = _("拆解月报 %s.xlsx") % values.month_words(month)
    return exports.workbook_file(book, name)


def _tables(scope: Scope, month: date) -> list[Table]:
    runs = [one for one in floor_book.list_month_totals(scope, year=month.year)
            if one.month == month]  # fmt: skip
    materials = [one for one in floor_book.list_material_totals(scope, year=month.year)
                 if one.month == month]  # fmt: skip
    return [
        ledgers.book_table(plant_book.list_book_stock(scope)),
        books.months_table(runs, month.year),
        books.materials_table(materials, month.year),
        ledgers.coefficients_table(scope, month),
        ledgers.fund_table(scope, month),
        ledgers.fund_units_table(scope, month),
    ]
