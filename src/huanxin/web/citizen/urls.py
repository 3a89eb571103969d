from django.urls import path

from huanxin.web.citizen import buying, rights, views, wallet

app_name = "citizen"
urlpatterns = [
    path("", views.home, name="home"),
    path("sell", views.sell, name="sell"),
    path("sell/<uuid:quote_id>", views.offer, name="offer"),
    path("sell/<uuid:quote_id>/visit", views.visit, name="visit"),
    path("sell/<uuid:quote_id>/book", views.book, name="book"),
    path("orders", views.order_list, name="orders"),
    path("orders/<uuid:order_id>", views.order, name="order"),
    path("orders/<uuid:order_id>/cancel", views.cancel, name="cancel"),
    path("orders/<uuid:order_id>/price/<uuid:requote_id>", views.answer, name="answer"),
    path("releases", views.releases, name="releases"),
    path("releases/<uuid:pool_id>", views.pool, name="pool"),
    path("releases/<uuid:pool_id>/status", views.status, name="status"),
    path("releases/<uuid:pool_id>/register", views.draw_register, name="draw_register"),
    path(
        "releases/<uuid:pool_id>/withdraw/<uuid:mine_id>",
        views.draw_withdraw,
        name="draw_withdraw",
    ),
    path("releases/<uuid:pool_id>/claim", views.claim, name="claim"),
    path("releases/<uuid:pool_id>/result/<slug:word>", views.outcome, name="outcome"),
    path("vouchers", wallet.wallet, name="wallet"),
    path("vouchers/code", wallet.code, name="code"),
    path("vouchers/code/watch", wallet.watch, name="watch"),
    path("vouchers/<uuid:voucher_id>", wallet.voucher, name="voucher"),
    path("vouchers/<uuid:voucher_id>/move", rights.move, name="right_move"),
    path("vouchers/<uuid:voucher_id>/give-up", rights.give_up, name="give_up"),
    path("buy", buying.buy, name="buy"),
    path("buy/<uuid:claim_id>", buying.purchase, name="purchase"),
]
