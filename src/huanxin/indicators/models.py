"""Tables of indicators: what is rolled up, published targets, other cities' numbers, forecasts.

Cells and answers are derived: dropping them loses nothing but time (docs/adr/168).
"""

from django.db import models
from django.db.models import Q

from huanxin.indicators import types


class Cell(models.Model):
    """A metric's day at or below a region: one category, or '*' for all of them.

    Of sums `bucket` is 0; of medians it is a value, and `row_count` how often it occurs.
    """

    pk = models.CompositePrimaryKey(
        "metric_id", "region_path", "category_code", "fact_on", "bucket"
    )
    metric_id = models.CharField(max_length=60)
    region_path = models.CharField(max_length=80)
    category_code = models.CharField(max_length=40)
    fact_on = models.DateField()
    bucket = models.BigIntegerField()
    total = models.BigIntegerField()
    row_count = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["metric_id", "fact_on"], name="cell_of_day")]
        constraints = [
            models.CheckConstraint(name="cell_counts_rows", condition=Q(row_count__gt=0)),
        ]


class TouchedDay(models.Model):
    """A day on which facts of a room changed and whose cells are to be counted anew."""

    pk = models.CompositePrimaryKey("room", "fact_on")
    room = models.CharField(max_length=20)
    fact_on = models.DateField()


class RollupState(models.Model):
    """How far the rollups follow the feed. One row; absent until the worker first ran."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    position = models.CharField(max_length=60)
    read_at = models.DateTimeField()  # the moment up to which the cells are complete
    round = models.BigIntegerField(default=0)  # kept answers read so far
    ledger_tx = models.BigIntegerField(default=0)
    ledger_id = models.BigIntegerField(default=0)
    is_ready = models.BooleanField(default=False)
    checked_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="rollup_state_one_row", condition=Q(id=1)),
        ]


class Answer(models.Model):
    """What cannot be added up from days (people, the flow), read for the named periods in turn."""

    pk = models.CompositePrimaryKey("question", "region_path", "from_on", "to_on", "grouping")
    question = models.CharField(max_length=60)  # a metric, or the flow
    region_path = models.CharField(max_length=80)
    from_on = models.DateField()
    to_on = models.DateField()
    grouping = models.CharField(max_length=10)
    rows = models.JSONField()
    cost_ms = models.PositiveIntegerField()
    position = models.CharField(max_length=60)  # where the feed stood
    read_at = models.DateTimeField()


class Target(models.Model):
    """A published goal for a metric of a region over some days. The latest published one counts."""

    id = models.UUIDField(primary_key=True)
    metric_id = models.CharField(max_length=60)
    region_path = models.CharField(max_length=80)
    from_on = models.DateField()
    to_on = models.DateField()
    value = models.BigIntegerField()
    document = models.CharField(max_length=200)
    published_by = models.CharField(max_length=60)
    published_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["metric_id", "region_path", "-published_at"], name="target_of"),
        ]
        constraints = [
            models.CheckConstraint(
                name="target_days_in_order", condition=Q(from_on__lte=models.F("to_on"))
            ),
            models.CheckConstraint(name="target_above_nought", condition=Q(value__gt=0)),
            models.CheckConstraint(
                name="target_has_a_name_behind_it",
                condition=~Q(published_by="") & ~Q(document=""),
            ),
        ]

    def as_target(self) -> types.Target:
        return types.Target(
            self.metric_id, self.region_path, self.from_on, self.to_on, self.value, self.document,
            self.published_by, self.published_at,
        )  # fmt: skip


class CityRollup(models.Model):
    """One day of one metric of another city, as its own cell exported it."""

    pk = models.CompositePrimaryKey("city_code", "metric_id", "fact_on")
    city_code = models.CharField(max_length=12)
    metric_id = models.CharField(max_length=60)
    fact_on = models.DateField()
    value = models.BigIntegerField()
    row_count = models.BigIntegerField()


class CityImport(models.Model):
    """A nightly file of another city: whose it is, of which moment, and who read it in."""

    id = models.UUIDField(primary_key=True)
    city_code = models.CharField(max_length=12)
    as_of = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    day_count = models.PositiveIntegerField()
    imported_by = models.CharField(max_length=60)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city_code", "as_of"], name="city_import_once"),
        ]


class Forecast(models.Model):
    """A night's forecast of weekly demand by district and category, with its backtest."""

    id = models.UUIDField(primary_key=True)
    region_path = models.CharField(max_length=80)
    category_code = models.CharField(max_length=40)
    made_on = models.DateField()
    method = models.CharField(max_length=40)
    history = models.JSONField()  # weeks and units, oldest first
    ahead = models.JSONField()  # weeks with units, low and high
    error_bps = models.PositiveIntegerField()  # mean absolute error of the backtest over the mean
    naive_error_bps = models.PositiveIntegerField()
    backtest_weeks = models.PositiveSmallIntegerField()
    within_count = models.PositiveSmallIntegerField()  # backtest weeks inside the interval

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region_path", "category_code", "made_on"], name="forecast_once_a_night"
            ),
        ]
