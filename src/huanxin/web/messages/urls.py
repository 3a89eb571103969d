from django.urls import path

from huanxin.web.messages import views

app_name = "messages"
urlpatterns = [
    path("", views.message_list, name="list"),
    path("read", views.read, name="read"),
    path("texts", views.texts, name="texts"),
    path("<uuid:message_id>", views.follow, name="follow"),
]
