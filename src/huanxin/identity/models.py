"""Tables of identity. Personal fields are ciphertext; look-up goes through blind indexes."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from huanxin.identity import types
from huanxin.identity.types import OrgKind, OrgStatus, Penalty, RestrictionKind, Role, TagKind


def _choices(kind: type[OrgKind | OrgStatus | Role | RestrictionKind]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in kind]


class Region(models.Model):
    """Province, city, county or functional zone. A zone carries our own code (DESIGN.md 12.3)."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    level = models.CharField(max_length=10)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    path = models.CharField(max_length=80, unique=True)
    statutory_code = models.CharField(max_length=12)
    population = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="region_level_known",
                condition=Q(level__in=["province", "city", "county", "zone"]),
            ),
        ]

    def as_region(self) -> types.Region:
        return types.Region(
            self.code, self.name, self.level, self.path, self.statutory_code, self.population
        )


class Person(models.Model):
    """A natural person. Erasing her means destroying `wrapped_key`."""

    id = models.UUIDField(primary_key=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80)
    birth_year = models.PositiveSmallIntegerField()
    is_verified = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True)
    wrapped_key = models.BinaryField(null=True)
    document_type = models.CharField(max_length=20, default="id_card")
    name_sealed = models.BinaryField()
    document_sealed = models.BinaryField()
    phone_sealed = models.BinaryField()
    name_masked = models.CharField(max_length=40)
    document_masked = models.CharField(max_length=20)
    phone_masked = models.CharField(max_length=20)
    document_index = models.CharField(max_length=64, unique=True)
    document_index_province = models.CharField(max_length=64)
    phone_index = models.CharField(max_length=64, db_index=True)
    household_index = models.CharField(max_length=64, null=True)  # of the household register
    created_at = models.DateTimeField()

    def as_card(self) -> types.PersonCard:
        return types.PersonCard(
            id=self.id,
            name_masked=self.name_masked,
            document_masked=self.document_masked,
            phone_masked=self.phone_masked,
            region_code=self.region_id,
            region_path=self.region_path,
            birth_year=self.birth_year,
            is_verified=self.is_verified,
            holder_key=f"person:{self.id}",
        )


class Organisation(models.Model):
    """A firm, station or authority that acts on the platform."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=12, choices=_choices(OrgKind))
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    uscc = models.CharField(max_length=18, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    region_path = models.CharField(max_length=80, db_index=True)
    status = models.CharField(max_length=10, choices=_choices(OrgStatus), default="admitted")
    address = models.CharField(max_length=200, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    lat_e6 = models.IntegerField(null=True)
    lon_e6 = models.IntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organisation_kind_known", condition=Q(kind__in=list(OrgKind))
            ),
        ]

    def as_organisation(self) -> types.Organisation:
        return types.Organisation(
            id=self.id,
            kind=OrgKind(self.kind),
            name=self.name,
            short_name=self.short_name,
            uscc=self.uscc,
            region_code=self.region_id,
            region_path=self.region_path,
            status=OrgStatus(self.status),
            address=self.address,
            phone=self.phone,
            lat_e6=self.lat_e6,
            lon_e6=self.lon_e6,
            licences=tuple(licence.as_licence() for licence in self.licences.all()),
        )


class Licence(models.Model):
    """A paper an organisation needs; half-open validity."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="licences")
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=60)
    from_on = models.DateField()
    to_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "number"], name="licence_once"),
            models.CheckConstraint(
                name="licence_interval", condition=Q(from_on__lt=models.F("to_on"))
            ),
        ]

    def as_licence(self) -> types.Licence:
        return types.Licence(self.kind, self.number, self.from_on, self.to_on)


class Account(AbstractBaseUser):
    """A login: a consumer's own, or one of an organisation's staff."""

    id = models.UUIDField(primary_key=True)
    login = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=60)
    role = models.CharField(max_length=20, choices=_choices(Role))
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    person = models.OneToOneField(Person, models.PROTECT, null=True, related_name="+")
    region_path = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)  # of its own organisation
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()

    USERNAME_FIELD = "login"

    class Meta:
        constraints = [
            models.CheckConstraint(name="account_role_known", condition=Q(role__in=list(Role))),
            models.CheckConstraint(
                name="account_consumer_has_person",
                condition=~Q(role="consumer") | Q(person__isnull=False),
            ),
            models.CheckConstraint(
                name="account_administrator_has_organisation",
                condition=Q(is_administrator=False) | Q(organisation__isnull=False),
            ),
        ]

    def as_card(self) -> types.AccountCard:
        return types.AccountCard(
            id=self.id,
            login=self.login,
            display_name=self.display_name,
            role=Role(self.role),
            org_id=self.organisation_id,
            person_id=self.person_id,
            region_path=self.region_path,
            is_active=self.is_active,
            is_administrator=self.is_administrator,
            must_change_password=self.must_change_password,
            last_seen_at=self.last_login,
        )


class SignInTries(models.Model):
    """Wrong tries under one key: a login name, known or not, or an address they came from."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)


class SecondFactor(models.Model):
    """The secret behind an account's six-digit codes, sealed. A new one is first only proposed."""

    account = models.OneToOneField(Account, models.PROTECT, primary_key=True, related_name="+")
    secret_sealed = models.BinaryField(max_length=100, null=True)  # in force
    proposed_sealed = models.BinaryField(max_length=100, null=True)  # shown, not yet confirmed
    last_counter = models.BigIntegerField(default=0)  # of the last code taken: no code works twice
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="second_factor_confirmed_has_secret",
                condition=Q(confirmed_at=None, secret_sealed=None)
                | Q(confirmed_at__isnull=False, secret_sealed__isnull=False),
            ),
        ]


class RecoveryCode(models.Model):
    """A code that stands in once for a lost phone; only its digest is kept."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)


class RoleSetting(models.Model):
    """What an administrator decided about a role; without a row the shipped rule stands."""

    role = models.CharField(max_length=20, primary_key=True, choices=_choices(Role))
    needs_second_factor = models.BooleanField()
    by_account_id = models.UUIDField()
    at = models.DateTimeField()


class Session(models.Model):
    """One browser in which an account is signed in, from where, until when."""

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    address = models.CharField(max_length=45, blank=True, default="")
    device = models.CharField(max_length=80, blank=True, default="")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "-seen_at"], name="session_live", condition=Q(ended_at=None)
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="session_end_has_reason",
                condition=Q(ended_at=None, end_reason="")
                | Q(ended_at__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    def as_card(self) -> types.SessionCard:
        return types.SessionCard(
            self.id, self.account_id, self.address, self.device, self.started_at, self.seen_at,
            self.ended_at, self.end_reason,
        )  # fmt: skip


class ApiKey(models.Model):
    """A machine's way in for an organisation or authority. The secret itself is never kept."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=20, choices=_choices(Role))
    permissions = models.JSONField(default=list)
    region_path = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)  # what people recognise it by
    digest = models.CharField(max_length=64, unique=True)
    per_minute = models.PositiveIntegerField()
    expires_at = models.DateTimeField()
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=200, blank=True, default="")
    by_account_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "created_at"], name="api_key_of_org")]
        constraints = [
            models.CheckConstraint(name="api_key_role_known", condition=Q(role__in=list(Role))),
            models.CheckConstraint(
                name="api_key_interval", condition=Q(created_at__lt=models.F("expires_at"))
            ),
            models.CheckConstraint(name="api_key_rate", condition=Q(per_minute__gte=1)),
        ]

    def as_card(self) -> types.ApiKeyCard:
        return types.ApiKeyCard(
            id=self.id, org_id=self.organisation_id, name=self.name, role=Role(self.role),
            permissions=tuple(self.permissions), region_path=self.region_path, prefix=self.prefix,
            per_minute=self.per_minute, created_at=self.created_at, expires_at=self.expires_at,
            replaces_id=self.replaces_id, last_used_at=self.last_used_at,
            revoked_at=self.revoked_at, revoked_because=self.revoked_because,
            by_account_id=self.by_account_id,
        )  # fmt: skip


class RateWindow(models.Model):
    """How often one caller asked in the minute that runs."""

    subject = models.CharField(max_length=64, primary_key=True)
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()


class SignInCode(models.Model):
    """The last sign-in code sent to a phone. The code itself is derived, never stored."""

    phone_index = models.CharField(max_length=64, primary_key=True)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="sign_in_code_tries", condition=Q(tries__lte=5)),
        ]


class Restriction(models.Model):
    """Someone or something kept out, on what decision, by whom and until when.

    One officer's word is good for a few days; `to_on` is when it ends as things stand, `until_on`
    when it ends once a second officer has confirmed it. None is no end.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=40, null=True, unique=True)
    kind = models.CharField(max_length=12, choices=_choices(RestrictionKind))
    key = models.CharField(max_length=120)
    penalty = models.CharField(max_length=12, default="suspension")
    reason = models.CharField(max_length=200)
    document = models.CharField(max_length=120, blank=True, default="")
    evidence_sha256 = models.CharField(max_length=64, blank=True, default="")
    region_path = models.CharField(max_length=80, blank=True, default="")
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    by_account_id = models.UUIDField()
    created_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    lift_asked_by = models.UUIDField(null=True)
    lift_asked_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(max_length=200, blank=True, default="")
    lifted_by = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "key"], name="restriction_subject")]
        constraints = [
            models.CheckConstraint(
                name="restriction_interval",
                condition=Q(to_on__isnull=True) | Q(from_on__lt=models.F("to_on")),
            ),
            models.CheckConstraint(
                name="restriction_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("by_account_id")),
            ),
            models.CheckConstraint(
                name="restriction_lifted_by_two",
                condition=Q(lifted_at__isnull=True)
                | Q(lift_asked_by__isnull=False, lifted_by__isnull=False)
                & ~Q(lifted_by=models.F("lift_asked_by")),
            ),
            models.CheckConstraint(
                name="restriction_penalty_known", condition=Q(penalty__in=list(Penalty))
            ),
        ]


class RestrictionAppeal(models.Model):
    """What a restricted party says against it, and the answer of an officer who had no part."""

    id = models.UUIDField(primary_key=True)
    restriction = models.ForeignKey(Restriction, models.PROTECT, related_name="appeals")
    note = models.CharField(max_length=400)
    by_account_id = models.UUIDField()
    appealed_at = models.DateTimeField()
    is_granted = models.BooleanField(null=True)
    answer = models.CharField(max_length=400, blank=True, default="")
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="restriction_appeal_open_once",
                fields=["restriction"],
                condition=Q(answered_at__isnull=True),
            ),
            models.CheckConstraint(
                name="restriction_appeal_answered_by_another",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=models.F("by_account_id")),
            ),
        ]


class PersonTag(models.Model):
    """What an authority established about a person, for how long and on what proof.

    A newer finding of the same kind ends the one before; neither is ever deleted.
    """

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    tag = models.CharField(max_length=20)
    level = models.CharField(max_length=20, blank=True, default="")
    source = models.CharField(max_length=200)
    from_on = models.DateField()
    to_on = models.DateField()
    request_id = models.UUIDField(unique=True)
    by_account_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "tag", "from_on"], name="person_tag_of_person")]
        constraints = [
            models.CheckConstraint(name="person_tag_known", condition=Q(tag__in=list(TagKind))),
            models.CheckConstraint(
                name="person_tag_interval", condition=Q(from_on__lte=models.F("to_on"))
            ),
            models.CheckConstraint(name="person_tag_proved", condition=~Q(source="")),
        ]

    def as_tag(self) -> types.PersonTag:
        return types.PersonTag(TagKind(self.tag), self.level, self.source, self.from_on, self.to_on)


class OpenDay(models.Model):
    """One weekday of a party's published week."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "weekday"], name="open_day_once"),
            models.CheckConstraint(
                name="open_day_of_a_week", condition=Q(weekday__gte=1, weekday__lte=7)
            ),
            models.CheckConstraint(
                name="open_day_begins_before_it_ends", condition=Q(opens__lt=models.F("closes"))
            ),
        ]


class ClosedDay(models.Model):
    """A day on which a party said it is closed."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    on = models.DateField(db_column="closed_on")
    why = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "on"], name="closed_day_once"),
            models.CheckConstraint(name="closed_day_says_why", condition=~Q(why="")),
        ]
