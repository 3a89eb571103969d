"""Tables of exchange: webhooks, what was told to each, and every try."""

from django.db import models
from django.db.models import Q

from huanxin.exchange import types
from huanxin.exchange.types import DeliveryState


class Endpoint(models.Model):
    """A webhook of an organisation or authority. Its signing secrets are sealed."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(
        "identity.Organisation", models.PROTECT, null=True, related_name="+"
    )
    region_path = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    topics = models.JSONField(default=list)
    secret_sealed = models.BinaryField(max_length=200)
    old_secret_sealed = models.BinaryField(max_length=200, null=True)
    old_secret_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    by_account_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="endpoint_old_secret_ends",
                condition=Q(old_secret_sealed=None, old_secret_until=None)
                | Q(old_secret_sealed__isnull=False, old_secret_until__isnull=False),
            ),
        ]

    def as_card(self) -> types.EndpointCard:
        return types.EndpointCard(
            self.id, self.organisation_id, self.region_path, self.name, self.url,
            tuple(self.topics), self.is_active, self.old_secret_until, self.created_at,
        )  # fmt: skip


class Delivery(models.Model):
    """One event for one webhook: the body is laid down once, each try signs it anew."""

    id = models.UUIDField(primary_key=True)
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="+")
    event_id = models.BigIntegerField(null=True)  # null: a test
    topic = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=10, default=DeliveryState.WAITING)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["endpoint", "-created_at"], name="delivery_of_endpoint"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="delivery_once"),
            models.CheckConstraint(
                name="delivery_state_known", condition=Q(state__in=list(DeliveryState))
            ),
        ]


class Attempt(models.Model):
    """One try at a delivery. Append-only."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    error = models.CharField(max_length=200, blank=True, default="")
