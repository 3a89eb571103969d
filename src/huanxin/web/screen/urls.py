"""Addresses of the screens: a region's wall, and behind each number its own page."""

from django.urls import path

from huanxin.web.screen import views

app_name = "screen"
urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:region_code>/", views.wall, name="wall"),
    path("<slug:region_code>/<slug:metric_id>/", views.metric, name="metric"),
    path("<slug:region_code>/<slug:metric_id>/rows.csv", views.rows_csv, name="rows"),
]
