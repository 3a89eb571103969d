from django.urls import path, re_path

from huanxin.api.epcis import capturing, door, querying, subscribing

_VALUES = "eventTypes|epcs|bizSteps|bizLocations|readPoints|dispositions"
_one = door.endpoint

app_name = "epcis"
urlpatterns = [
    path("", _one(get=querying.top), name="top"),
    path(
        "capture",
        _one(post=capturing.capture, get=capturing.jobs),
    ),
    path("capture/<str:job_id>", _one(get=capturing.job)),
    path("events", _one(post=capturing.event, get=querying.events)),
    path("events/<path:event_id>", _one(get=querying.event), name="event"),
    path("queries", _one(post=subscribing.create, get=subscribing.queries)),
    path("queries/<str:name>", _one(get=subscribing.query, delete=subscribing.delete)),
    path("queries/<str:name>/events", _one(get=subscribing.query_events)),
    path(
        "queries/<str:name>/subscriptions",
        _one(post=subscribing.subscribe, get=subscribing.subscriptions),
    ),
    path(
        "queries/<str:name>/subscriptions/<str:key>",
        _one(get=subscribing.subscription, delete=subscribing.unsubscribe),
    ),
    path("nextPageToken/<path:token>", _one(delete=subscribing.free_token)),
    re_path(rf"^(?P<resource>{_VALUES})$", _one(get=querying.values)),
    re_path(rf"^(?P<resource>{_VALUES})/(?P<value>.+)/events$", _one(get=querying.value_events)),
    re_path(rf"^(?P<resource>{_VALUES})/(?P<value>.+)$", _one(get=querying.value)),
]
