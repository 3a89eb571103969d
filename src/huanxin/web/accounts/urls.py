from django.urls import path

from huanxin.web.accounts import keys, lists, me, roles, staff, webhooks

app_name = "accounts"
urlpatterns = [
    path("", me.me, name="me"),
    path("password", me.password, name="password"),
    path("factor", me.factor, name="factor"),
    path("factor/confirm", me.confirm_factor, name="confirm_factor"),
    path("factor/codes", me.new_codes, name="new_codes"),
    path("factor/remove", me.remove_factor, name="remove_factor"),
    path("sessions/end", me.end_sessions, name="end_sessions"),
    path("staff", staff.staff_list, name="staff"),
    path("staff/new", staff.hire, name="hire"),
    path("staff/<uuid:account_id>", staff.account, name="account"),
    path("staff/<uuid:account_id>/<slug:verb>", staff.change, name="change_account"),
    path("roles", roles.role_list, name="roles"),
    path("roles/<slug:role>", roles.set_role, name="set_role"),
    path("keys", keys.key_list, name="keys"),
    path("keys/new", keys.issue, name="issue_key"),
    path("keys/<uuid:key_id>/rotate", keys.rotate, name="rotate_key"),
    path("keys/<uuid:key_id>/revoke", keys.revoke, name="revoke_key"),
    path("webhooks", webhooks.webhook_list, name="webhooks"),
    path("webhooks/new", webhooks.open_webhook, name="open_webhook"),
    path("webhooks/<uuid:endpoint_id>", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:endpoint_id>/<slug:verb>", webhooks.change, name="change_webhook"),
    path("deliveries/<uuid:delivery_id>/again", webhooks.send_again, name="send_again"),
    path("lists", lists.list_all, name="lists"),
    path("lists/<slug:name>", lists.import_page, name="import"),
    path("lists/<slug:name>/<slug:form>", lists.download, name="list_file"),
]
