from django.urls import path

from huanxin.web.recycler import depot, door, field, jobs, lots, routes

app_name = "recycler"
_UNIT = "jobs/<uuid:order_id>/units/<uuid:unit_id>"

urlpatterns = [
    path("", jobs.home, name="home"),
    path("jobs/<uuid:order_id>", door.door, name="door"),
    path("jobs/<uuid:order_id>/address", door.address, name="address"),
    path(f"{_UNIT}/code", door.code, name="code"),
    path(f"{_UNIT}/photos", door.photos, name="photos"),
    path("jobs/<uuid:order_id>/photos/<str:sha256>", door.photo, name="photo"),
    path(f"{_UNIT}/as-said", door.as_said, name="as_said"),
    path(f"{_UNIT}/found", door.found, name="found"),
    path("jobs/<uuid:order_id>/word", door.word, name="word"),
    path("jobs/<uuid:order_id>/requotes/<uuid:requote_id>", door.consent, name="consent"),
    path("jobs/<uuid:order_id>/collect", door.collect, name="collect"),
    path("jobs/<uuid:order_id>/receipt", door.receipt, name="receipt"),
    path("field", field.shell, name="field"),
    path("field.js", field.worker, name="field_worker"),
    path("field/day", field.day, name="field_day"),
    path("field/prepare", field.prepare, name="field_prepare"),
    path("field/hand-in", field.hand_in, name="field_hand_in"),
    path("field/decline", field.decline, name="field_decline"),
    path("field/requotes", field.ask, name="field_ask"),
    path("field/consent", field.consent, name="field_consent"),
    path("field/jobs/<uuid:order_id>", field.job, name="field_job"),
    path("field/jobs/<uuid:order_id>/photos", field.photos, name="field_photos"),
    path("routes", routes.routes, name="routes"),
    path("routes/plan", routes.plan, name="plan"),
    path("waiting", routes.waiting, name="waiting"),
    path("waiting/dispatch", routes.dispatch, name="dispatch"),
    path("weigh", depot.weigh, name="weigh"),
    path("grading", depot.grading, name="grading"),
    path("stock", depot.stock, name="stock"),
    path("pack", lots.pack, name="pack"),
    path("lots", lots.lot_list, name="lots"),
    path("lots/<uuid:lot_id>", lots.lot, name="lot"),
    path("lots/<uuid:lot_id>/ship", lots.ship, name="ship"),
]
