from django.conf import settings
from django.urls import path

from huanxin.web.public import gallery, views

app_name = "public"
urlpatterns = [
    path("", views.front, name="front"),
    path("login", views.login, name="login"),
    path("login/demo", views.demo_login, name="demo_login"),
    path("login/phone", views.send_code, name="send_code"),
    path("login/code", views.code_login, name="code_login"),
    path("logout", views.logout, name="logout"),
    path("elder", views.elder, name="elder"),
]
if not settings.PRODUCTION:
    urlpatterns += [
        path("gallery", gallery.gallery, name="gallery"),
        path("gallery/<slug:sheet>", gallery.gallery, name="gallery_sheet"),
    ]
