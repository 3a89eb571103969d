from django.conf import settings
from django.urls import path

from huanxin.web.public import (
    asking,
    gallery,
    proving,
    publicity,
    releases,
    resolving,
    standard,
    tracing,
    views,
)

app_name = "public"
urlpatterns = [
    path("", views.front, name="front"),
    path("login", views.login, name="login"),
    path("login/demo", views.demo_login, name="demo_login"),
    path("login/phone", views.send_code, name="send_code"),
    path("login/code", views.code_login, name="code_login"),
    path("login/choose", views.choose, name="choose"),
    path("login/register", views.register, name="register"),
    path("login/second", proving.second_factor, name="second_factor"),
    path("login/password", proving.new_password, name="new_password"),
    path("login/bind", proving.bind, name="bind"),
    path("logout", views.logout, name="logout"),
    path("elder", views.elder, name="elder"),
    path("language", views.speak, name="language"),
    path("releases", releases.releases, name="releases"),
    path("releases/<uuid:pool_id>/draw", releases.draw, name="draw"),
    path("releases/<uuid:pool_id>/list.txt", releases.draw_list, name="draw_list"),
    path("releases/<uuid:pool_id>/draw.json", releases.draw_document, name="draw_document"),
    path("publicity", publicity.batches, name="publicity"),
    path("publicity/<uuid:batch_id>", publicity.batch, name="publicity_batch"),
    path("publicity/lines/<int:item_id>", publicity.object_to, name="object_to"),
    path("publicity/objections", publicity.objection, name="objection"),
    path("ask", asking.ask, name="ask"),
    path("valuation", standard.standard, name="standard"),
    path("valuation/check/<str:token>", standard.proof, name="proof"),
    path("trace", tracing.find, name="find"),
    path("trace/<str:unit_code>", tracing.unit, name="trace"),
    path("trace/<str:unit_code>/proof/<int:row_id>", tracing.proof, name="proof"),
    path("trace/<str:unit_code>/proof", tracing.proofs_of_all, name="proofs"),
    path("certificate/<str:number>", tracing.certificate, name="certificate"),
    path("8004/<str:giai>", resolving.unit, name="link_unit"),
    path("00/<str:sscc>", resolving.lot, name="link_lot"),
    path("414/<str:gln>", resolving.place, {"key": "414"}, name="link_place"),
    path("417/<str:gln>", resolving.place, {"key": "417"}, name="link_party"),
    path(".well-known/gs1resolver", resolving.resolver, name="resolver"),
]
if not settings.PRODUCTION:
    urlpatterns += [
        path("gallery", gallery.gallery, name="gallery"),
        path("gallery/<slug:sheet>", gallery.gallery, name="gallery_sheet"),
    ]
