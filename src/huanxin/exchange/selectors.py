"""Lists as rows in scope, by cursor; webhooks and what became of each message. Reads only."""

import csv
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from huanxin.exchange import _files, models
from huanxin.exchange.errors import CursorInvalid, ListUnknown
from huanxin.exchange.types import (
    Attempt,
    Column,
    DeliveryCard,
    DeliveryState,
    EndpointCard,
    ListCard,
    ListPage,
    Topic,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import crypto, tables
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.kernel.sqlfiles import read_folder, read_sql

MOST_ROWS = 1_000
_FOLDER = "huanxin.exchange.lists"
_HIDDEN = {"key", "org_id", "other_org_id", "region_path"}
_KINDS = {"_fen": "money", "_count": "count", "_g": "mass", "_on": "day", "_at": "time"}
_FROM = """
SELECT * FROM ({sql}) listed
WHERE (%(after)s::text IS NULL OR key > %(after)s::{key_type}) {within}
ORDER BY key LIMIT %(limit)s
"""
_WITHIN = """
  AND (%(path)s = '' OR region_path IS NULL OR region_path = %(path)s
       OR region_path LIKE %(path)s || '/%%')
  AND (%(org)s::uuid IS NULL OR org_id = %(org)s::uuid OR other_org_id = %(org)s::uuid)
"""


def list_lists(actor: Actor) -> list[ListCard]:
    """The lists that the actor may take out, by title."""
    cards = [_card(file.name) for file in read_folder(_FOLDER)]
    mine = [one for one in cards if not one.permission or identity.may(actor, one.permission)]
    return sorted(mine, key=lambda one: one.name)


def get_list(actor: Actor, name: str) -> ListCard:
    """One list, if the actor may take it out."""
    if name not in {file.name for file in read_folder(_FOLDER)}:
        raise ListUnknown(name=name)
    card = _card(name)
    if card.permission:
        identity.require(actor, card.permission)
    return card


def read_list(
    actor: Actor, name: str, *, cursor: str | None = None, limit: int = PAGE_SIZE
) -> ListPage:
    """Rows of a list within the actor's scope, in the order of their key; at most a thousand.

    The cursor holds the last key, so rows that come or go meanwhile shift nothing.
    """
    card = get_list(actor, name)
    limit = max(1, min(limit, MOST_ROWS))
    rows = _read(name, actor.scope, _after(name, cursor), limit + 1)
    shown, more = rows[:limit], len(rows) > limit
    following = crypto.sign_token({"list": name, "after": str(shown[-1]["key"])}) if more else None
    return ListPage(name, card.columns, [_shown(row) for row in shown], following)


def list_file(actor: Actor, name: str, form: str) -> tuple[bytes, str, str]:
    """The whole list in scope as 'xlsx' or 'csv': its bytes, media type and file name."""
    card = get_list(actor, name)
    lines = _files.lines(card.columns, every_row(actor, name))
    if form == "xlsx":
        return tables.as_xlsx(lines, card.title), tables.XLSX_TYPE, f"{card.title}.xlsx"
    return tables.as_csv(lines), tables.CSV_TYPE, f"{card.title}.csv"


def template_file(actor: Actor, name: str) -> tuple[bytes, str, str]:
    """An empty CSV with the heads that an import of the list reads."""
    card = get_list(actor, name)
    heads = [one.title + ("（元）" if one.kind == "money" else "") for one in card.columns]
    return tables.as_csv([heads]), tables.CSV_TYPE, f"{card.title}-模板.csv"


def every_row(actor: Actor, name: str) -> Iterator[dict[str, Any]]:
    """All rows of a list within the actor's scope, a thousand at a time: for a file."""
    cursor: str | None = None
    while True:
        page = read_list(actor, name, cursor=cursor, limit=MOST_ROWS)
        yield from page.rows
        cursor = page.next_cursor
        if cursor is None:
            return


def list_topics() -> list[Topic]:
    """What webhooks can be told of."""
    return list(_topics())


def list_endpoints(actor: Actor) -> list[EndpointCard]:
    """The webhooks of the actor's organisation or region, oldest first."""
    return [row.as_card() for row in _reachable(actor).order_by("created_at", "pk")]


def get_endpoint(actor: Actor, endpoint_id: UUID) -> EndpointCard:
    """One webhook of the actor's own."""
    row = _reachable(actor).filter(pk=endpoint_id).first()
    if row is None:
        raise NotFound(model="Endpoint", id=endpoint_id)
    return row.as_card()


def list_deliveries(
    actor: Actor, endpoint_id: UUID, *, state: DeliveryState | None = None, page: int = 1
) -> Page[DeliveryCard]:
    """What a webhook was told, newest first, with every try."""
    get_endpoint(actor, endpoint_id)
    rows = models.Delivery.objects.filter(endpoint_id=endpoint_id).prefetch_related("attempts")
    if state is not None:
        rows = rows.filter(state=state)
    shown = rows.order_by("-created_at", "pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page([_delivery(row) for row in shown], page, rows.count())


def get_delivery(actor: Actor, delivery_id: UUID) -> DeliveryCard:
    """One message to a webhook of the actor's own."""
    rows = models.Delivery.objects.prefetch_related("attempts")
    row = rows.filter(pk=delivery_id, endpoint__in=_reachable(actor)).first()
    if row is None:
        raise NotFound(model="Delivery", id=delivery_id)
    return _delivery(row)


def _reachable(actor: Actor) -> QuerySet[models.Endpoint]:
    rows = models.Endpoint.objects.all()
    if "*" in actor.permissions:
        return rows
    if actor.scope.org_id is not None:
        return rows.filter(organisation_id=actor.scope.org_id)
    path = actor.scope.region_path
    below = Q(region_path=path) | Q(region_path__startswith=path + "/") if path else Q()
    return rows.filter(below, organisation=None)


def _delivery(row: models.Delivery) -> DeliveryCard:
    tries = sorted(row.attempts.all(), key=lambda one: one.pk)
    return DeliveryCard(
        row.pk, row.endpoint_id, row.topic, DeliveryState(row.state),
        tuple(Attempt(one.at, one.status, one.error) for one in tries),
        row.due_at, row.created_at, row.body,
    )  # fmt: skip


def _read(name: str, scope: Scope, after: str | None, limit: int) -> list[dict[str, Any]]:
    file = read_sql(_FOLDER, name)
    within = "" if file.header.get("scope") == "public" else _WITHIN
    key_type = file.header.get("key", "uuid")
    sql = _FROM.format(sql=file.text, key_type=key_type, within=within)
    with connection.cursor() as cursor:
        cursor.execute(
            sql, {"path": scope.region_path, "org": scope.org_id, "after": after, "limit": limit}
        )
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _HIDDEN}


def _after(name: str, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    facts = crypto.read_token(cursor)
    if facts.get("list") != name:
        raise CursorInvalid
    return str(facts["after"])


@cache
def _card(name: str) -> ListCard:
    header = read_sql(_FOLDER, name).header
    return ListCard(
        name, header["title"], header.get("permission", ""), _columns(header["columns"]),
        header.get("import") == "yes",
    )  # fmt: skip


def _columns(text: str) -> tuple[Column, ...]:
    """`number 单号, subsidy_fen 补贴`: the suffix of a name says what kind it is."""
    pairs = [part.strip().split(" ", 1) for part in text.split(",")]
    return tuple(Column(key, title.strip(), _kind(key)) for key, title in pairs)


def _kind(key: str) -> str:
    return next((kind for suffix, kind in _KINDS.items() if key.endswith(suffix)), "text")


@cache
def _topics() -> tuple[Topic, ...]:
    text = resources.files("huanxin.exchange").joinpath("data/topics.csv").read_text("utf-8")
    return tuple(Topic(row["code"], row["title"]) for row in csv.DictReader(text.splitlines()))
