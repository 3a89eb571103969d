"""A city's units and their events, laid straight into the tables by SQL; triggers and keys off.

Every unit is taken over, weighed, graded and dismantled; every fifty travel in one lot that is
packed, shipped, received and unpacked. What is measured is reading, so nothing is hashed.
"""

import random
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from stdnum.cn import uscc

from huanxin.identity.services import admitting
from huanxin.identity.types import NewOrganisation, OrgKind
from huanxin.kernel.actor import system_actor

PATH = "370000/371500/371502"
STOPS = 8
LOT = 50
EVENTS_A_LOT = LOT * 4 + 4
_LINK, _BOX = "https://id.gs1.org/8004/9523715", "https://id.gs1.org/00/"
_AT = "TIMESTAMPTZ '2026-01-01 08:00+08' + make_interval(secs => {lot} * 60 + {step} * 7200)"
# Unit steps 1, 2, 3, 8; lot steps 4 to 7: (place in the chain, step, from, to).
_UNIT_STEPS = "(1, 'commissioning', 'ADD', NULL, 'collected'), (2, 'receiving', 'OBSERVE', 'collected', 'in_depot'), (3, 'inspecting', 'OBSERVE', 'in_depot', 'in_depot'), (8, 'disassembling', '', 'at_dismantler', 'dismantled')"  # noqa: E501  # one row source
_LOT_STEPS = "(4, 'packing', 'ADD', 'in_depot', 'in_lot'), (5, 'shipping', 'OBSERVE', 'in_lot', 'shipped'), (6, 'receiving', 'OBSERVE', 'shipped', 'at_dismantler'), (7, 'unpacking', 'DELETE', 'at_dismantler', 'at_dismantler')"  # noqa: E501


def organisation(kind: OrgKind, number: int) -> UUID:
    """An organisation of the measured city."""
    first17 = f"91990000BENCH{number:04d}"
    return admitting.open_organisation(
        actor=system_actor(),
        organisation=NewOrganisation(
            kind=kind, name=f"测速{number}", short_name=f"测速{number}",
            uscc=first17 + uscc.calc_check_digit(first17), region_code="371502",
        ),
    )  # fmt: skip


class City:
    """Grows to a number of events; knows its units' codes."""

    def __init__(self, giver: UUID, taker: UUID) -> None:
        self.giver, self.taker = giver, taker
        self.lots = 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM trace_event")
            self.base = int(cursor.fetchone()[0])

    def grow(self, events: int) -> None:
        """Add lots until there are so many events."""
        first, self.lots = self.lots, -(-events // EVENTS_A_LOT)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in (_UNITS, _UNIT_EVENTS, _LOT_EVENTS, _EPCS, _PARTS, _CUSTODY):
                cursor.execute(statement, self._facts(first))
        with connection.cursor() as cursor:
            for table in ("trace_event", "trace_eventepc", "trace_custody", "trace_unit"):
                cursor.execute(f"ANALYZE {table}")
            cursor.execute("SELECT setval('trace_event_id_seq', (SELECT max(id) FROM trace_event))")

    def codes(self, count: int) -> list[str]:
        """Units chosen at random, the same every time."""
        chance = random.Random(self.lots)
        return [f"HX99{chance.randint(1, self.lots * LOT):011d}X" for _ in range(count)]

    def _facts(self, first: int) -> dict[str, Any]:
        return {
            "first": first + 1, "last": self.lots, "base": self.base, "giver": self.giver,
            "taker": self.taker, "path": PATH,
        }  # fmt: skip


_CODE = "'HX99' || lpad(((l - 1) * 50 + u)::text, 11, '0') || 'X'"
_SSCC = "lpad(l::text, 18, '0')"
_UNIT_ID = "%(base)s + (l - 1) * 204 + (u - 1) * 4 + least(step, 4)"
_LOT_ID = "%(base)s + (l - 1) * 204 + 200 + step - 3"
_ACROSS = "generate_series(%(first)s, %(last)s) AS l, generate_series(1, 50) AS u"
_COLUMNS = """(id, event_id, declares_error, type, action, biz_step, disposition, read_point,
  biz_location, at, event_on, recorded_at, organisation_id, region_path, body)"""
_PLACE = "'https://id.gs1.org/414/9523715000011'"

_UNITS = f"""
INSERT INTO trace_unit (unit_code, giai, class_code, order_id, region_path, born_at, born_on,
  mass_g, seq, state, holder_id, moved_at, closed_at, certificate_no)
SELECT {_CODE}, '9523715' || {_CODE}, '01', md5((l * 50 + u)::text)::uuid, %(path)s, t.born,
  '2026-01-01', 62500, 8, 'dismantled', %(taker)s, t.ended, t.ended, 'ZM'
FROM {_ACROSS}, LATERAL (SELECT {_AT.format(lot="l", step=1)} AS born,
  {_AT.format(lot="l", step=8)} AS ended) t
"""
_UNIT_EVENTS = f"""
INSERT INTO trace_event {_COLUMNS}
SELECT {_UNIT_ID}, 'ni:///sha-256;' || md5({_CODE} || step) || md5(step || {_CODE}), false,
  CASE WHEN step = 8 THEN 'TransformationEvent' ELSE 'ObjectEvent' END, act, biz, 'in_progress',
  {_PLACE}, {_PLACE}, t.at, '2026-01-01', t.at, CASE WHEN step = 8 THEN %(taker)s::uuid
  ELSE %(giver)s::uuid END, %(path)s,
  jsonb_build_object('type', 'ObjectEvent', 'eventTime', t.at, 'eventTimeZoneOffset', '+08:00',
    'epcList', jsonb_build_array('{_LINK}' || {_CODE}), 'action', act, 'bizStep', biz,
    'disposition', 'in_progress', 'readPoint', jsonb_build_object('id', {_PLACE}),
    'bizLocation', jsonb_build_object('id', {_PLACE}), 'sensorElementList', '[{{"sensorReport":
    [{{"type": "Mass", "value": 62.5, "uom": "KGM"}}]}}]'::jsonb)
FROM {_ACROSS}, (VALUES {_UNIT_STEPS}) AS s(step, biz, act, was, now),
  LATERAL (SELECT {_AT.format(lot="l", step="step")} AS at) t
"""
_LOT_EVENTS = f"""
INSERT INTO trace_event {_COLUMNS}
SELECT {_LOT_ID}, 'ni:///sha-256;' || md5({_SSCC} || step) || md5(step || {_SSCC}), false,
  CASE WHEN step IN (4, 7) THEN 'AggregationEvent' ELSE 'ObjectEvent' END, act, biz,
  'in_progress', {_PLACE}, {_PLACE}, t.at, '2026-01-01', t.at,
  CASE WHEN step > 5 THEN %(taker)s::uuid ELSE %(giver)s::uuid END, %(path)s,
  jsonb_build_object('type', 'AggregationEvent', 'eventTime', t.at, 'eventTimeZoneOffset',
    '+08:00', 'action', act, 'bizStep', biz, 'parentID', '{_BOX}' || {_SSCC}, 'childEPCs',
    (SELECT jsonb_agg('{_LINK}' || {_CODE}) FROM generate_series(1, 50) AS u))
FROM generate_series(%(first)s, %(last)s) AS l,
  (VALUES {_LOT_STEPS}) AS s(step, biz, act, was, now),
  LATERAL (SELECT {_AT.format(lot="l", step="step")} AS at) t
"""
_EPCS = f"""
INSERT INTO trace_eventepc (event_id, role, epc)
SELECT {_UNIT_ID}, CASE WHEN step = 8 THEN 'input' ELSE 'epc' END, '{_LINK}' || {_CODE}
FROM {_ACROSS}, (VALUES {_UNIT_STEPS}) AS s(step, biz, act, was, now)
UNION ALL
SELECT {_LOT_ID}, CASE WHEN step IN (4, 7) THEN 'parent' ELSE 'epc' END, '{_BOX}' || {_SSCC}
FROM generate_series(%(first)s, %(last)s) AS l,
  (VALUES {_LOT_STEPS}) AS s(step, biz, act, was, now)
"""
_PARTS = f"""
INSERT INTO trace_eventepc (event_id, role, epc)
SELECT {_LOT_ID}, 'child', '{_LINK}' || {_CODE}
FROM {_ACROSS}, (VALUES {_LOT_STEPS}) AS s(step, biz, act, was, now) WHERE step IN (4, 7)
"""
_CUSTODY = f"""
INSERT INTO trace_custody (unit_id, seq, event_id, prev_seq, from_holder_id, from_state, prev_at,
  to_holder_id, to_state, at, mass_g)
SELECT {_CODE}, step, CASE WHEN step BETWEEN 4 AND 7 THEN {_LOT_ID} ELSE {_UNIT_ID} END,
  nullif(step - 1, 0), CASE WHEN step > 6 THEN %(taker)s::uuid WHEN step > 1 THEN %(giver)s::uuid
  END, was, CASE WHEN step > 1 THEN {_AT.format(lot="l", step="(step - 1)")} END,
  CASE WHEN step > 5 THEN %(taker)s::uuid ELSE %(giver)s::uuid END, now,
  {_AT.format(lot="l", step="step")}, 62500
FROM {_ACROSS}, (VALUES {_UNIT_STEPS}, {_LOT_STEPS}) AS s(step, biz, act, was, now)
"""
