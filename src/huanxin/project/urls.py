"""Every address of the web process."""

from django.urls import include, path

from huanxin.project.health import healthz, metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("api/", include("huanxin.api.urls")),
    path("epcis/v2/", include("huanxin.api.epcis.urls")),
    path("", include("huanxin.web.urls")),
]
handler400 = "huanxin.web.problems.bad_request"
handler403 = "huanxin.web.problems.permission_denied"
handler404 = "huanxin.web.problems.page_not_found"
handler500 = "huanxin.web.problems.server_error"
