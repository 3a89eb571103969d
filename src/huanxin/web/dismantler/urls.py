from django.urls import path

from huanxin.web.dismantler import books, cases, gate, ledgers, report, restrictions, runs

app_name = "dismantler"

urlpatterns = [
    path("", gate.home, name="home"),
    path("lots", gate.lot_list, name="lots"),
    path("lots/<uuid:lot_id>", gate.lot, name="lot"),
    path("lots/<uuid:lot_id>/scan", gate.scan, name="scan"),
    path("lots/<uuid:lot_id>/unscan", gate.unscan, name="unscan"),
    path("lots/<uuid:lot_id>/receive", gate.receive, name="receive"),
    path("restrictions", restrictions.restriction_list, name="restrictions"),
    path(
        "restrictions/<uuid:restriction_id>/appeal",
        restrictions.appeal,
        name="appeal_restriction",
    ),
    path("cases", cases.case_list, name="cases"),
    path("cases/<uuid:case_id>", cases.case, name="case"),
    path("floor", runs.floor, name="floor"),
    path("floor/<str:class_code>", runs.choose, name="choose"),
    path("run", runs.scale, name="scale"),
    path("run/balance", runs.balance, name="balance"),
    path("run/confirm", runs.confirm, name="confirm"),
    path("certificates", books.certificates, name="certificates"),
    path("certificates/<str:number>/pdf", books.certificate_pdf, name="certificate_pdf"),
    path("certificates/<str:number>", books.certificate, name="certificate"),
    path("months", books.months, name="months"),
    path("months/report.xlsx", report.report, name="report"),
    path("coefficients", ledgers.balance_book, name="balance_book"),
    path("counts", ledgers.counts, name="counts"),
    path("fund", ledgers.fund, name="fund"),
]
