"""Addresses of the screens: a region's wall, and behind each number its own page."""

from django.urls import path

from huanxin.web.screen import views, watch

app_name = "screen"
urlpatterns = [
    path("", views.home, name="home"),
    path("watch/", watch.watch, name="watch"),
    path("watch/threshold", watch.set_threshold, name="set_threshold"),
    path("watch/threshold/<uuid:threshold_id>/withdraw", watch.withdraw, name="withdraw"),
    path("watch/target", watch.publish_target, name="publish_target"),
    path("watch/<uuid:alert_id>/acknowledge", watch.acknowledge, name="acknowledge"),
    path("<slug:region_code>/", views.wall, name="wall"),
    path("<slug:region_code>/panel/<slug:panel>.<slug:kind>", views.panel, name="panel"),
    path("<slug:region_code>/<slug:metric_id>/", views.metric, name="metric"),
    path("<slug:region_code>/<slug:metric_id>/rows.csv", views.rows_csv, name="rows"),
]
