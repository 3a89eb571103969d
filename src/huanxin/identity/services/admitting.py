"""Regions and organisations: laid down, admitted, licensed, suspended."""

import csv
from importlib import resources
from uuid import UUID

from django.db import transaction

from huanxin.identity import models, rules, selectors
from huanxin.identity.errors import LicenceInvalid, StandingReasonMissing
from huanxin.identity.types import Licence, NewOrganisation, OrgStatus
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row


@transaction.atomic
def load_regions(*, actor: Actor) -> int:
    """Lay down the regions shipped in data/regions.csv; safe to repeat. Returns how many exist.

    Sources: GB/T 2260 for statutory units. The three functional zones have no public code; theirs
    are this platform's own, with 371502 as statutory code.
    """
    selectors.require(actor, "identity.load_reference")
    text = resources.files("huanxin.identity").joinpath("data/regions.csv").read_text("utf-8")
    paths: dict[str, str] = {}
    rows = []
    for row in csv.DictReader(text.splitlines()):
        parent = row["parent"] or None
        paths[row["code"]] = f"{paths[parent]}/{row['code']}" if parent else row["code"]
        rows.append(
            models.Region(
                code=row["code"],
                name=row["name"],
                level=row["level"],
                parent_id=parent,
                path=paths[row["code"]],
                statutory_code=row["statutory_code"],
                population=int(row["population"]) if row["population"] else None,
                source=row["source"],
            )
        )
    columns = [f.name for f in models.Region._meta.concrete_fields if not f.primary_key]
    models.Region.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=columns
    )
    return len(paths)


@transaction.atomic
def open_organisation(*, actor: Actor, organisation: NewOrganisation) -> UUID:
    """Admit an organisation with its licences; repeating the same USCC returns the first id.

    Refuses a USCC that does not check, a licence that ends before it begins, and a region that is
    not the officer's.
    """
    selectors.require(actor, "identity.open_organisation")
    code = rules.check_uscc(organisation.uscc)
    earlier = models.Organisation.objects.filter(uscc=code).first()
    if earlier is not None:
        return earlier.id
    region = selectors.get_region(organisation.region_code)
    selectors.require(actor, "identity.open_organisation", region_path=region.path)
    for licence in organisation.licences:
        _check_lasting(licence)
    row = models.Organisation.objects.create(
        id=organisation.org_id or ids.new_id(),
        kind=organisation.kind,
        name=organisation.name,
        short_name=organisation.short_name,
        uscc=code,
        region_id=region.code,
        region_path=region.path,
        address=organisation.address,
        phone=organisation.phone,
        lat_e6=organisation.lat_e6,
        lon_e6=organisation.lon_e6,
        created_at=clock.now(),
    )
    models.Licence.objects.bulk_create(
        models.Licence(
            organisation=row,
            kind=licence.kind,
            number=licence.number,
            from_on=licence.from_on,
            to_on=licence.to_on,
        )
        for licence in organisation.licences
    )
    audit.record(
        actor, "identity.organisation_opened", "organisation", row.id,
        region_path=row.region_path, org_id=row.id, kind=row.kind,
    )  # fmt: skip
    return row.id


@transaction.atomic
def set_organisation_status(*, actor: Actor, org_id: UUID, status: str, reason: str) -> None:
    """Suspend, remove or re-admit an organisation of the officer's region (docs/adr/191).

    Safe to repeat: a status that stands already writes nothing. Refuses to do it without a reason.
    """
    selectors.require(actor, "identity.open_organisation")
    row = lock_row(models.Organisation, org_id)
    selectors.require(actor, "identity.open_organisation", region_path=row.region_path)
    if not reason.strip():
        raise StandingReasonMissing
    if row.status == OrgStatus(status):
        return
    models.Organisation.objects.filter(pk=row.pk).update(status=status)
    audit.record(
        actor, "identity.organisation_status_set", "organisation", org_id,
        region_path=row.region_path, org_id=org_id, status=status, reason=reason.strip(),
    )  # fmt: skip


@transaction.atomic
def record_licence(*, actor: Actor, org_id: UUID, licence: Licence) -> None:
    """Enter a paper of an organisation; the same paper renewed gets its new days.

    Safe to repeat: a paper that stands so already writes nothing. What it was before stays in the
    audit trail. Refuses a paper that ends before it begins.
    """
    selectors.require(actor, "identity.open_organisation")
    row = lock_row(models.Organisation, org_id)
    selectors.require(actor, "identity.open_organisation", region_path=row.region_path)
    _check_lasting(licence)
    kept = row.licences.filter(kind=licence.kind, number=licence.number).first()
    if kept is not None and kept.as_licence() == licence:
        return
    models.Licence.objects.update_or_create(
        organisation=row, kind=licence.kind, number=licence.number,
        defaults={"from_on": licence.from_on, "to_on": licence.to_on},
    )  # fmt: skip
    audit.record(
        actor, "identity.licence_recorded", "organisation", org_id,
        region_path=row.region_path, org_id=org_id, kind=licence.kind, number=licence.number,
        from_on=licence.from_on, to_on=licence.to_on, until_before=kept.to_on if kept else None,
    )  # fmt: skip


def _check_lasting(licence: Licence) -> None:
    if licence.from_on >= licence.to_on:
        raise LicenceInvalid(from_on=licence.from_on, to_on=licence.to_on)
