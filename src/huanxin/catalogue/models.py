"""Tables of the catalogue. Reference rows come from data/*.csv; models and prices are filed."""

from django.db import models
from django.db.models import Q

from huanxin.catalogue import types


class WasteClass(models.Model):
    """A class of the regulated list of 2014, or a sub-class with a fund rate of its own."""

    code = models.CharField(max_length=8, primary_key=True)
    regulated_number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    mass_g = models.PositiveIntegerField()
    fund_fen = models.PositiveIntegerField(null=True)
    is_assumed = models.BooleanField()
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(name="waste_class_has_mass", condition=Q(mass_g__gt=0)),
            models.CheckConstraint(
                name="waste_class_in_list_of_2014", condition=Q(regulated_number__range=(1, 14))
            ),
        ]

    def as_waste_class(self) -> types.WasteClass:
        return types.WasteClass(
            self.code, self.regulated_number, self.name, self.mass_g, self.fund_fen,
            self.is_assumed, self.source,
        )  # fmt: skip


class MaterialShare(models.Model):
    """What a unit of a waste class is made of."""

    waste_class = models.ForeignKey(WasteClass, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    material_code = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    share_bps = models.PositiveIntegerField()
    is_hazardous = models.BooleanField()
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["waste_class", "material_code"], name="material_once_per_class"
            ),
            models.CheckConstraint(
                name="material_share_at_most_whole", condition=Q(share_bps__lte=10_000)
            ),
        ]

    def as_share(self) -> types.MaterialShare:
        return types.MaterialShare(
            self.material_code, self.name, self.share_bps, self.is_hazardous, self.source
        )


class Family(models.Model):
    """A group of categories, as a row: a new group needs no code."""

    code = models.CharField(max_length=20, primary_key=True)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40, unique=True)
    takes_old_units = models.BooleanField()
    source = models.CharField(max_length=300)

    def as_family(self) -> types.FamilyCard:
        return types.FamilyCard(self.code, self.name, self.takes_old_units)


class Category(models.Model):
    """A kind of goods that some vintage of the programme pays for."""

    code = models.CharField(max_length=40, primary_key=True)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40, unique=True)
    aliases = models.JSONField(default=list)
    family = models.ForeignKey(Family, models.PROTECT, db_column="family", related_name="+")
    waste_class = models.ForeignKey(WasteClass, models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=300)

    def as_category(self) -> types.Category:
        return types.Category(
            self.code, self.name, tuple(self.aliases), self.family_id,
            self.waste_class_id, self.source,
        )  # fmt: skip


class Model(models.Model):
    """A product model under its barcode."""

    id = models.UUIDField(primary_key=True)
    gtin = models.CharField(max_length=14)
    brand = models.CharField(max_length=60)
    maker = models.ForeignKey("identity.Organisation", models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+")
    energy_grade = models.PositiveSmallIntegerField(null=True)
    is_active = models.BooleanField(default=True)
    filed_at = models.DateTimeField()
    efficiency_record_no = models.CharField(max_length=60, blank=True, default="")  # 能效标识备案号
    efficiency_standard = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gtin"], name="model_gtin_unique"),
            models.CheckConstraint(
                name="model_gtin_is_normal",
                condition=Q(gtin__regex=r"^([0-9]{13}|[1-9][0-9]{13})$"),
            ),
            models.CheckConstraint(
                name="model_grade_1_to_5",
                condition=Q(energy_grade__isnull=True) | Q(energy_grade__range=(1, 5)),
            ),
        ]

    def as_model(self) -> types.Model:
        return types.Model(
            self.id, self.gtin, self.brand, self.maker_id, self.name, self.category_id,
            self.energy_grade, self.is_active,
        )  # fmt: skip


class FiledPrice(models.Model):
    """A promised price on [from_on, to_on). Rows are never changed but to be closed once.

    That no two filings of one model and filer overlap is an exclusion constraint (0002).
    """

    id = models.UUIDField(primary_key=True)
    model = models.ForeignKey(Model, models.PROTECT, related_name="+")
    org = models.ForeignKey("identity.Organisation", models.PROTECT, null=True, related_name="+")
    price_fen = models.BigIntegerField()
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    filed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="filed_price_positive", condition=Q(price_fen__gt=0)),
            models.CheckConstraint(
                name="filed_price_period_runs_forward",
                condition=Q(to_on__isnull=True) | Q(to_on__gt=models.F("from_on")),
            ),
        ]

    def as_price(self) -> types.FiledPrice:
        return types.FiledPrice(
            self.model_id, self.org_id, self.price_fen, self.from_on, self.to_on
        )
