"""The trail at government's desk: in words, by whom and about whom, never a bare code."""

import ast
import re
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse

import huanxin
from huanxin.identity.services import registering
from huanxin.identity.types import Role
from huanxin.kernel import audit, clock
from huanxin.web.console.audit_words import ACTIONS, LOOKS, SUBJECTS
from tests import given
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
SOURCE = Path(huanxin.__file__).parent
ACTION = re.compile(r"[a-z]+\.[a-z_]+")
WRITERS = {"record", "record_many", "_record"}


def texts_in(node: ast.AST) -> set[str]:
    return {
        one.value for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }  # fmt: skip


def written() -> tuple[set[str], set[str]]:
    """Every action and every kind of thing that the code writes into the trail by name."""
    actions, kinds = set(), set()
    for path in SOURCE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in WRITERS:
                said = {text for arg in call.args[:2] for text in texts_in(arg)}
                actions |= {text for text in said if ACTION.fullmatch(text)}
            if name == "record" and len(call.args) > 2:
                kinds |= {text for text in texts_in(call.args[2]) if text.isidentifier()}
            if name == "Entry" and call.args and isinstance(call.args[0], ast.Constant):
                kinds.add(call.args[0].value)
    return actions, kinds


def lines_of(client, **asked):
    return client.get(reverse("console:audit"), asked).context["table"].rows


def test_every_action_and_thing_of_the_trail_has_a_word():
    actions, kinds = written()
    assert len(actions) > 170
    assert actions - set(ACTIONS) == set()
    assert len(kinds) > 50
    assert kinds - set(SUBJECTS) == set()
    assert set(LOOKS) <= set(ACTIONS)


def test_control_an_action_without_a_word_would_be_seen():
    actions, _kinds = written()
    assert "settlement.retried" in actions
    assert "claims.unheard_of" not in ACTIONS


def test_who_looked_at_whose_data_is_found_with_the_reason():
    (client, _), (desk, reviewer) = visitor(Role.ADMIN), visitor(Role.REVIEWER)
    person, other = given.person(), given.person()
    for one, reason in ((person, "核对发票抬头"), (other, "电话回访")):
        registering.reveal_person(actor=reviewer, person_id=one.id, reason=reason)

    rows = lines_of(client, room="looks")
    mine = lines_of(client, room="looks", of=f"person:{person.id}")

    assert [row.values["why"] for row in rows] == ["电话回访", "核对发票抬头"]
    assert [row.values["why"] for row in mine] == ["核对发票抬头"]
    page = text_of(client.get(reverse("console:audit"), {"of": f"person:{person.id}"}))
    assert reverse("console:person_tags", args=[person.id]) in page
    assert f'value="person:{person.id}"' in page  # the next search keeps it
    assert desk.get(reverse("console:audit")).status_code == 403


def test_lines_are_found_by_an_officers_name_and_by_day():
    (client, admin), (_, other) = visitor(Role.ADMIN), visitor(Role.REVIEWER)
    person = given.person()
    registering.reveal_person(actor=other, person_id=person.id, reason="核对发票抬头")
    with transaction.atomic():
        audit.record(admin, "identity.role_set", "role", "reviewer")
    today = clock.today().isoformat()

    assert [row.values["action"] for row in lines_of(client, who="没有这个人")] == []
    shown = {row.values["action"] for row in lines_of(client, who="1号台", room="looks")}
    assert shown == {"查看个人信息"}
    assert lines_of(client, to="2020-01-01") == []
    assert len(lines_of(client, **{"from": today, "to": today})) >= 2


def test_no_code_and_no_long_id_stands_in_a_line():
    client, admin = visitor(Role.ADMIN)
    shop = given.organisation()
    with transaction.atomic():
        audit.record(
            admin, "identity.organisation_opened", "organisation", shop, org_id=shop,
            amount_fen=123_456, pool_id=shop, is_simulated=True, kinds=["a", "b"],
        )  # fmt: skip
    row = lines_of(client)[0]
    assert row.values["facts"] == "材料 a、b；金额 ¥1,234.56；模拟结果 是"
    assert row.values["action"] == "准入企业"
    assert row.values["subject"].text == f"企业 {str(shop)[-8:]}"
    assert row.values["subject"].href == reverse("console:organisation", args=[shop])
