"""Every address of the web process."""

from django.urls import path

from huanxin.project.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
]
