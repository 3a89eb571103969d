"""What the thin commands print, for people and for machines."""

import json
from importlib import resources

import pytest
from click.testing import CliRunner

from huanxin.catalogue import services as catalogue
from huanxin.identity.services import admitting
from huanxin.kernel.actor import system_actor
from huanxin.policy import services as policy
from huanxin.project.cli import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    actor = system_actor()
    admitting.load_regions(actor=actor)
    catalogue.load_reference(actor=actor)
    policy.load_reference(actor=actor)


def huanxin(*arguments):
    return CliRunner().invoke(main, arguments)


def test_a_quote_gives_the_amount_and_the_reason(published):
    asked = ("policy", "quote", "--price", "4939.00", "--grade", "1", "--on", "2026-07-01")
    by_code = json.loads(huanxin(*asked, "--category", "refrigerator", "--json").output)
    by_name = json.loads(huanxin(*asked, "--category", "冰箱", "--json").output)
    assert by_code == by_name
    assert by_code["amount_fen"] == 74_085
    assert by_code["policy_id"] == "appliances-2026"
    shown = huanxin(*asked, "--category", "冰箱")
    assert shown.exit_code == 0
    assert "补贴 ¥740.85" in shown.output
    assert by_code["version_hash"] in shown.output.replace("\n", "")


def test_an_unknown_category_or_price_is_a_sentence(published):
    unknown = huanxin("policy", "quote", "--category", "飞机", "--price", "1")
    wrong = huanxin("policy", "quote", "--category", "冰箱", "--price", "一千")
    assert (unknown.exit_code, wrong.exit_code) == (2, 2)
    assert "（catalogue." in unknown.stderr
    assert "不是金额" in wrong.stderr


def test_the_list_of_a_day_holds_what_is_in_force_then(published):
    listed = json.loads(huanxin("policy", "list", "--on", "2026-07-01", "--json").output)
    ids = {card["policy_id"] for card in listed}
    assert {"appliances-2026", "digital-2026"} < ids
    assert not ids & {"appliances-2025", "digital-2025"}
    everything = json.loads(huanxin("policy", "list", "--json").output)
    assert {"appliances-2024", "digital-2025"} < {card["policy_id"] for card in everything}


def test_a_policy_is_shown_with_its_clauses_and_an_unknown_one_refused(published):
    shown = huanxin("policy", "show", "appliances-2026")
    assert shown.exit_code == 0
    assert "15%" in shown.output
    refused = huanxin("policy", "show", "appliances-1999")
    assert refused.exit_code == 2
    assert "（policy." in refused.stderr


def test_published_policies_pass_their_own_rows_and_a_wrong_row_fails(published, tmp_path):
    assert huanxin("policy", "test").exit_code == 0
    seeds = resources.files("huanxin.policy").joinpath("data")
    name = "appliances-2026"
    (tmp_path / f"{name}.yaml").write_text(seeds.joinpath(f"{name}.yaml").read_text())
    rows = seeds.joinpath(f"{name}.tests.csv").read_text()
    assert rows.count(",74085,,") > 0
    (tmp_path / f"{name}.tests.csv").write_text(rows.replace(",74085,,", ",74084,,", 1))
    tried = huanxin("policy", "test", "--file", str(tmp_path / f"{name}.yaml"))
    assert tried.exit_code == 1
    assert "应为" in tried.output
    assert "1 行不符" in tried.output


def test_a_file_that_is_no_claims_file_is_a_sentence(tmp_path):
    file = tmp_path / "july.csv"
    file.write_text("甲,乙\n1,2\n")
    refused = huanxin("verify", str(file))
    assert refused.exit_code == 2
    assert "（claims." in refused.stderr


def test_an_unknown_unit_code_is_a_sentence():
    refused = huanxin("trace", "unit", "ABC")
    assert refused.exit_code == 2
    assert "（trace.unit_code_invalid）" in refused.stderr
