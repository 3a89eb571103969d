"""Addresses of the pages, one namespace an audience."""

from django.urls import include, path

urlpatterns = [
    path("", include("huanxin.web.public.urls")),
    path("my/", include("huanxin.web.citizen.urls")),
    path("account/", include("huanxin.web.accounts.urls")),
    path("messages/", include("huanxin.web.messages.urls")),
    path("station/", include("huanxin.web.station.urls")),
    path("console/", include("huanxin.web.console.urls")),
    path("merchant/", include("huanxin.web.merchant.urls")),
    path("recycler/", include("huanxin.web.recycler.urls")),
    path("dismantler/", include("huanxin.web.dismantler.urls")),
    path("screen/", include("huanxin.web.screen.urls")),
]
