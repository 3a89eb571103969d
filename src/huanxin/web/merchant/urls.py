from django.urls import path

from huanxin.web.merchant import (
    campaigns,
    claims,
    funding,
    models,
    money,
    precheck,
    purchases,
    sales,
    till,
)

app_name = "merchant"
urlpatterns = [
    path("", till.home, name="home"),
    path("till/scan", till.scan, name="scan"),
    path("till/edit", till.edit, name="edit"),
    path("till/clear", till.clear, name="clear"),
    path("till/sell", till.sell, name="sell"),
    path("purchase", purchases.purchase, name="purchase"),
    path("purchases/<uuid:purchase_id>", purchases.bought, name="bought"),
    path("campaigns", campaigns.campaign_list, name="campaigns"),
    path("campaigns/new", campaigns.new, name="new_campaign"),
    path("campaigns/open", campaigns.open_it, name="open_campaign"),
    path("campaigns/<uuid:pool_id>", campaigns.campaign, name="campaign"),
    path("campaigns/<uuid:pool_id>/close", campaigns.close, name="close_campaign"),
    path("sales/<uuid:sale_id>", sales.sold, name="sold"),
    path("sales/<uuid:sale_id>/papers/<slug:kind>", sales.hand_in, name="hand_in"),
    path("sales/<uuid:sale_id>/return", sales.take_back, name="return"),
    path("claims", claims.claim_list, name="claims"),
    path("claims/<uuid:claim_id>", claims.claim, name="claim"),
    path("claims/<uuid:claim_id>/appeal", claims.appeal, name="appeal"),
    path("claims/<uuid:claim_id>/files/<slug:sha256>", claims.file, name="file"),
    path("precheck", precheck.upload, name="precheck"),
    path("precheck/template.<slug:kind>", precheck.template, name="template"),
    path("statement", money.statement, name="statement"),
    path("funding", funding.funding, name="funding"),
    path("models", models.model_list, name="models"),
    path("models/price", models.file_price, name="file_price"),
]
