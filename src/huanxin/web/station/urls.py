from django.urls import path

from huanxin.web.station import hours, neighbours, views

app_name = "station"
FOR = "people/<uuid:person_id>/"
urlpatterns = [
    path("", views.home, name="home"),
    path("register", views.register, name="register"),
    path("work", neighbours.work, name="work"),
    path("work/<uuid:work_id>/strike", neighbours.strike, name="strike_work"),
    path("hours", hours.hours, name="hours"),
    path("hours/closed", hours.close, name="close"),
    path("hours/closed/end", hours.reopen, name="reopen"),
    path("events", neighbours.events, name="events"),
    path("events/<uuid:event_id>/cancel", neighbours.cancel, name="cancel_event"),
    path(f"{FOR}events", neighbours.sign_up, name="sign_up"),
    path(f"{FOR}events/<uuid:event_id>/place", neighbours.place, name="place"),
    path(f"{FOR}consent", views.consent, name="consent"),
    path(FOR, views.person, name="person"),
    path(f"{FOR}sell", views.sell, name="sell"),
    path(f"{FOR}sell/<uuid:quote_id>", views.offer, name="offer"),
    path(f"{FOR}sell/<uuid:quote_id>/visit", views.visit, name="visit"),
    path(f"{FOR}sell/<uuid:quote_id>/book", views.book, name="book"),
    path(f"{FOR}orders/<uuid:order_id>", views.order, name="order"),
    path(f"{FOR}orders/<uuid:order_id>/move", views.move, name="move"),
    path(f"{FOR}orders/<uuid:order_id>/missed", views.missed, name="missed"),
    path(f"{FOR}orders/<uuid:order_id>/cancel", views.cancel, name="cancel"),
    path(f"{FOR}orders/<uuid:order_id>/complain", views.complain, name="complain"),
    path(f"{FOR}complaints/<uuid:complaint_id>", views.complaint, name="complaint"),
    path(f"{FOR}releases", views.releases, name="releases"),
    path(f"{FOR}releases/<uuid:pool_id>", views.pool, name="pool"),
    path(f"{FOR}releases/<uuid:pool_id>/status", views.status, name="status"),
    path(f"{FOR}releases/<uuid:pool_id>/register", views.draw_register, name="draw_register"),
    path(
        f"{FOR}releases/<uuid:pool_id>/withdraw/<uuid:mine_id>",
        views.draw_withdraw,
        name="draw_withdraw",
    ),
    path(f"{FOR}releases/<uuid:pool_id>/claim", views.claim, name="claim"),
    path(f"{FOR}releases/<uuid:pool_id>/result/<slug:word>", views.outcome, name="outcome"),
]
