from django.urls import path

from huanxin.web.dismantler import books, gate, runs

app_name = "dismantler"

urlpatterns = [
    path("", gate.home, name="home"),
    path("lots", gate.lot_list, name="lots"),
    path("lots/<uuid:lot_id>", gate.lot, name="lot"),
    path("lots/<uuid:lot_id>/scan", gate.scan, name="scan"),
    path("lots/<uuid:lot_id>/unscan", gate.unscan, name="unscan"),
    path("lots/<uuid:lot_id>/receive", gate.receive, name="receive"),
    path("floor", runs.floor, name="floor"),
    path("floor/<str:class_code>", runs.choose, name="choose"),
    path("run", runs.scale, name="scale"),
    path("run/balance", runs.balance, name="balance"),
    path("run/confirm", runs.confirm, name="confirm"),
    path("certificates", books.certificates, name="certificates"),
    path("certificates/<str:number>", books.certificate, name="certificate"),
    path("months", books.months, name="months"),
]
