"""huanxin indicators: another city's file in, whole or not at all; this city's file out."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from huanxin.indicators import models
from huanxin.indicators.services import importing
from huanxin.kernel import clock
from huanxin.project.cli import main
from tests import given

pytestmark = pytest.mark.django_db
DAY = ["new_units_sold", "2026-08-31", 120, 120]


@pytest.fixture(autouse=True)
def _on_the_tests_own_database(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "set: the command looks no further")
    given.regions()
    with clock.standing_at(clock.moment(date(2026, 9, 1), 9)):
        yield


def indicators(*words):
    shown = CliRunner().invoke(main, ["indicators", *map(str, words)])
    assert "Traceback" not in shown.output
    return shown


def handed(folder, *days, **changed):
    content = {"format": importing.FORMAT, "city_code": "370100",
               "as_of": (clock.now() - timedelta(hours=5)).isoformat(),
               "days": list(days)} | changed  # fmt: skip
    path = folder / "济南.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_citys_file_is_taken_in_and_again_changes_nothing(tmp_path):
    path = handed(tmp_path, DAY)
    shown = [indicators("import", path), indicators("import", path, "--json")]
    assert [one.exit_code for one in shown] == [0, 0]
    assert "已导入 1 行" in shown[0].output
    assert json.loads(shown[1].output) == {"day_count": 1}
    assert models.CityImport.objects.count() == models.CityRollup.objects.count() == 1


def test_every_wrong_line_is_named_and_nothing_is_taken(tmp_path):
    bad = (
        ["happiness", "2026-08-31", 1, 1], ["new_units_sold", "2026-13-01", 1, 1],
        ["new_units_sold", "2026-08-30", 1.5, 1], ["beneficiaries", "2026-08-30", 1, 1],
        ["new_units_sold", "2026-08-30", True, 1], ["new_units_sold", "2026-08-30", 2**63, 1],
        [["x"], "2026-08-30", 1, 1], DAY,
    )  # fmt: skip
    shown = indicators("import", handed(tmp_path, DAY, *bad))
    assert shown.exit_code == 2
    assert "（indicators.import_refused）" in shown.output
    for said in ("第 2 行没有这项指标", "第 3 行应为", "第 4 行合计应为整数",
                 "第 5 行这项指标不能按城市相加", "第 6 行合计应为整数", "第 7 行合计应为整数",
                 "第 8 行没有这项指标", "第 9 行与前面一行是同一指标的同一天"):  # fmt: skip
        assert said in shown.output
    assert "第 1 行" not in shown.output
    assert not models.CityRollup.objects.exists()


def test_a_long_row_of_faults_is_cut_short_with_their_number(tmp_path):
    shown = indicators("import", handed(tmp_path, *[["x", "2026-08-31", 1, 1]] * 30))
    assert "第 20 行" in shown.output
    assert "第 21 行" not in shown.output
    assert "共 30 行有误" in shown.output


@pytest.mark.parametrize("days", [None, {"a": 1}, 7])
def test_days_that_are_no_list_are_a_sentence(tmp_path, days):
    shown = indicators("import", handed(tmp_path, days=days))
    assert (shown.exit_code, "days 应为列表" in shown.output) == (2, True)


def test_this_citys_file_is_written_once_its_days_are_counted(tmp_path):
    path = tmp_path / "聊城.json"
    early = indicators("export", path)
    assert (early.exit_code, path.exists()) == (2, False)
    assert "尚未算完" in early.output
    models.RollupState.objects.create(pk=1, position="0.0", read_at=clock.now(), is_ready=True)
    assert indicators("export", path).exit_code == 0
    assert json.loads(path.read_text())["city_code"] == "371500"
    own = indicators("import", path)
    assert (own.exit_code, "只能导入其他城市的汇总" in own.output) == (2, True)
