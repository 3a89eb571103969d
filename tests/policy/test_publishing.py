"""Publication: once published, never changed; a new version never reaches back."""

import re
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.kernel.models import AuditEntry
from huanxin.policy import _library, _seeds, models, selectors, services
from huanxin.policy.errors import (
    PolicyNotSound,
    VersionDayTaken,
    VersionTooSoon,
    VersionUnchanged,
)
from tests import given, given_policy
from tests.given_policy import case
from tests.given_rules import SHIPPED, edited, rows, text

pytestmark = pytest.mark.django_db

SEPTEMBER = clock.moment(date(2026, 9, 1), 9)
SEEDS = SHIPPED


@pytest.fixture(autouse=True)
def _on_the_first_of_september():
    with clock.standing_at(SEPTEMBER):
        yield


def lowered(policy_id: str = "digital-2026") -> dict[str, str]:
    """The shipped text with the cap lowered from 500 to 450, and its test rows computed anew:
    450.00 is reached at 3,000.00."""
    [version] = selectors.list_versions(policy_id)
    rows = version.test_rows.replace(",333333,49999,", ",299999,44999,")
    rows = rows.replace(",333334,50000,", ",300000,45000,").replace(",50000,", ",45000,")
    return {"text": version.text.replace("cap_fen: 50000", "cap_fen: 45000"), "test_rows": rows}


def publish(*, request_id: UUID | None = None, actor=None, **content):
    return services.publish_policy(
        actor=actor or given.system(),
        reason=content.pop("reason", "测试"),
        request_id=request_id or uuid4(),
        **content,
    )


def numbers(policy_id: str = "digital-2026") -> list[int]:
    return [version.number for version in selectors.list_versions(policy_id)]


def test_loading_the_shipped_policies_twice_changes_nothing():
    first = given_policy.policies()
    lines = AuditEntry.objects.count()

    second = given_policy.policies()

    assert (first.published, first.unchanged, first.differing) == (SEEDS, (), ())
    assert (second.published, second.unchanged, second.differing) == ((), SEEDS, ())
    assert models.PolicyVersion.objects.count() == len(SEEDS)
    assert AuditEntry.objects.count() == lines


def test_loading_never_touches_a_policy_that_was_published_with_other_content():
    given_policy.policies()
    publish(**lowered())

    again = given_policy.policies()

    assert again.differing == ("digital-2026",)
    assert numbers() == [1, 2]


def test_a_new_version_decides_from_tomorrow_and_the_old_one_until_then():
    given_policy.policies()
    phone = {"category_code": "phone", "energy_grade": None, "price_fen": 400_000}

    card = publish(**lowered())

    assert card.effective_on == date(2026, 9, 2)
    before = selectors.quote_subsidy(case(on=date(2026, 9, 1), **phone))
    after = selectors.quote_subsidy(case(on=date(2026, 9, 2), **phone))
    assert (before.amount_fen, after.amount_fen) == (50_000, 45_000)
    assert before.version_hash != after.version_hash == card.version_hash
    assert selectors.line_cap_fen("digital-2026", "phone") == 50_000
    assert selectors.line_cap_fen("digital-2026", "phone", on=date(2026, 9, 2)) == 45_000
    # the decision of before can still be explained
    assert selectors.get_version(before.version_hash).number == 1


def test_a_new_version_cannot_reach_back():
    given_policy.policies()

    for day in (date(2026, 9, 1), date(2026, 1, 1)):
        with pytest.raises(VersionTooSoon):
            publish(effective_on=day, **lowered())

    assert numbers() == [1]


def test_two_versions_cannot_begin_on_one_day():
    given_policy.policies()
    content = lowered()
    publish(effective_on=date(2026, 10, 1), **content)
    again = {**content, "text": content["text"].replace("2026年数码", "2026 年数码")}

    with pytest.raises(VersionDayTaken):
        publish(effective_on=date(2026, 10, 1), **again)

    assert numbers() == [1, 2]


def test_a_repeated_publication_returns_the_first_answer():
    given_policy.policies()
    content, request_id = lowered(), uuid4()
    first = publish(request_id=request_id, **content)

    with clock.standing_at(clock.moment(date(2026, 9, 5))):
        assert publish(request_id=request_id, **content) == first
    with pytest.raises(RequestReused):
        publish(request_id=request_id, reason="另一个理由", **content)

    assert numbers() == [1, 2]


def test_layout_and_comments_do_not_make_a_new_version():
    given_policy.policies()
    [version] = selectors.list_versions("digital-2026")
    text = "# 另一句注释\n\n" + version.text.replace("{max: 600000}", "{ max: 600000 }")

    with pytest.raises(VersionUnchanged):
        publish(text=text, test_rows=version.test_rows)

    assert numbers() == [1]


def test_a_text_with_a_failing_test_row_is_not_published():
    given_policy.policies()
    content = lowered()
    wrong = content["test_rows"].replace(",300000,45000,", ",300000,45001,")

    with pytest.raises(PolicyNotSound) as refusal:
        publish(text=content["text"], test_rows=wrong)

    problems = [str(problem) for problem in refusal.value.facts["problems"]]
    assert any("45001 分" in p and "45000 分" in p for p in problems)
    assert numbers() == [1]


def test_a_policy_that_overlaps_a_published_one_is_not_published():
    given_policy.policies()
    content = lowered()
    text = re.sub("^follows: .*\n", "", content["text"], flags=re.MULTILINE)
    text = text.replace("id: digital-2026", "id: digital-2026b")

    with pytest.raises(PolicyNotSound) as refusal:
        publish(text=text, test_rows=content["test_rows"])

    assert "日期重叠" in refusal.value.message
    assert selectors.list_versions("digital-2026b") == []


def test_the_database_itself_refuses_to_change_a_published_version():
    given_policy.policies()
    rows = models.PolicyVersion.objects.filter(policy_id="digital-2026")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(text="id: something else")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.delete()
    assert rows.get().text.startswith("# 4 类")

    with connection.cursor() as cursor:  # control: without the trigger it is changed
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP TRIGGER policy_policyversion_append_only ON policy_policyversion")
    assert rows.update(reason="改写") == 1
    assert rows.get().reason == "改写"


def test_the_database_itself_keeps_one_version_a_day():
    given_policy.policies()
    row = models.PolicyVersion.objects.get(policy_id="digital-2026")
    row.id, row.number = uuid4(), 2

    with pytest.raises(IntegrityError, match="policy_version_one_a_day"), transaction.atomic():
        row.save(force_insert=True)

    row.effective_on = date(2027, 1, 1)  # the day after its last
    with (
        pytest.raises(IntegrityError, match="policy_version_takes_effect_in_its_time"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_two_officers_publishing_at_once_make_one_version_a_day(race):
    given_policy.policies()
    content = lowered()
    texts = [content["text"].replace("2026年数码", f"2026年数码{i}") for i in range(4)]

    def one(number: int):
        with clock.standing_at(SEPTEMBER):
            return publish(text=texts[number], test_rows=content["test_rows"])

    outcomes = race(one, 4)

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(refusal) for refusal in refused] == [VersionDayTaken] * 3
    assert numbers() == [1, 2]


def test_a_publication_is_seen_at_once_and_a_rolled_back_one_is_not():
    assert selectors.quote_subsidy(case()).sentence == "目前没有已发布的补贴政策。"
    with transaction.atomic():
        given_policy.policies()
        assert selectors.quote_subsidy(case()).amount_fen == 74_085
        transaction.set_rollback(True)

    decision = selectors.quote_subsidy(case())
    assert (decision.is_eligible, decision.reason_code, decision.version_hash) == (
        False,
        "R205",
        "",
    )


def test_the_test_rows_of_every_published_policy_hold():
    given_policy.policies()

    tried = selectors.try_policies()

    assert [out.policy_id for out in tried] == sorted(SEEDS)
    assert all(out.is_sound for out in tried)
    assert {len(out.rows) >= 10 for out in tried} == {True}


def test_a_database_of_before_takes_the_new_files_though_an_old_text_names_no_predecessor():
    """The appliances of 2024 were published before the voucher of March 2024 was a file."""
    old = edited(text("appliances-2024"), ("follows: appliance-voucher-2024\n", ""))
    given_policy.regions_and_categories()
    publish(text=old, test_rows=rows("appliances-2024"))

    loaded = given_policy.policies()

    assert loaded.differing == ("appliances-2024",)
    assert len(loaded.published) == len(_seeds.read_seeds()) - 1
    publish(**lowered())  # and what is wrong with the old text hinders no other
    assert len(_library.current().versions["digital-2026"]) == 2
