"""我买这台能补多少？ Anyone may ask: the amount first, then the clause and the whole working."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.catalogue.types import Category, Family
from huanxin.kernel import clock
from huanxin.policy import selectors as policy
from huanxin.policy.types import Case, Condition, Decision
from huanxin.web import pages
from huanxin.web.forms import PlainForm, YuanField
from huanxin.web.parts import Column, Fact, Reason, Row, Table

GRADES = (
    ("1", gettext_lazy("1 级")),
    ("2", gettext_lazy("2 级")),
    ("3", gettext_lazy("3 级及以下")),
    ("none", gettext_lazy("没有等级标识")),
)


class AskForm(PlainForm):
    category = forms.SlugField()
    grade = forms.ChoiceField(choices=GRADES, required=False)
    price = YuanField(
        label=gettext_lazy("成交价（元）"),
        help_text=gettext_lazy("减去商家优惠和焕新券之后的价格，例如 4999"),
    )

    def clean_price(self) -> int:
        price_fen = int(self.cleaned_data["price"])
        if not 0 < price_fen < 10**9:
            raise forms.ValidationError(_("请填写 0.01 元到 1000 万元之间的价格。"))
        return price_fen

    def as_case(self) -> Case:
        said = self.cleaned_data
        grade = said["grade"]
        return Case(
            on=clock.today(),
            region_code=settings.HUANXIN_CITY,
            category_code=said["category"],
            energy_grade=int(grade) if grade.isdigit() else None,
            price_fen=said["price"],
        )


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    categories = catalogue.list_categories(takes_old_units=True)
    form = AskForm(request.GET or None)
    chosen = next((one for one in categories if one.code == request.GET.get("category")), None)
    context: dict[str, Any] = {
        "categories": categories, "form": form, "grades": GRADES, "chosen": chosen,
        "grade": request.GET.get("grade", ""), "on": clock.today(), "answer": None,
        "asks_grade": chosen is None or chosen.family == Family.APPLIANCE,
        "price_error": "",
    }  # fmt: skip
    if chosen and request.GET.get("price"):
        if form.is_valid():
            context["answer"] = _answer(chosen, form.as_case())
        else:
            context["price_error"] = "".join(str(error) for error in form["price"].errors)
    status = 422 if context["price_error"] else 200
    return pages.page(request, "public/ask.html", context, part="public/_ask.html", status=status)


def _answer(category: Category, case: Case) -> dict[str, Any]:
    decision = policy.quote_subsidy(case)
    return {
        "decision": decision,
        "facts": _facts(category, case, decision),
        "conditions": conditions_table(decision.conditions),
        "refusal": None if decision.is_eligible else refusal_of(decision),
    }


def refusal_of(decision: Decision) -> Reason:
    """A decision against, in the shape of 原因 · 依据 · 怎么办."""
    todo = _("换一台符合条件的型号，或看看其他在补贴范围内的品类。")
    basis = f"{decision.document} {decision.clause}".strip()
    return Reason(decision.sentence, basis, todo, decision.reason_code or "", "warn", _("不能补贴"))


def conditions_table(conditions: tuple[Condition, ...]) -> Table:
    """Each condition as it was applied, in words."""
    columns = (
        Column("name", _("条件")), Column("value", _("您的情况")), Column("wanted", _("要求")),
        Column("holds", _("是否符合")),
    )  # fmt: skip
    rows = [
        Row({"name": one.name, "value": one.value, "wanted": one.wanted,
             "holds": _("符合") if one.holds else _("不符合")}, tone="" if one.holds else "warn")
        for one in conditions
    ]  # fmt: skip
    return Table("conditions", _("逐条核对"), columns, rows)


def _facts(category: Category, case: Case, decision: Decision) -> list[Fact]:
    rows = [Fact(_("品类"), category.name), Fact(_("成交价"), case.price_fen, "money")]
    if decision.is_eligible:
        rows += [
            Fact(_("补贴"), -decision.amount_fen, "money"),
            Fact(_("您付"), case.price_fen - decision.amount_fen, "money", is_sum=True),
            Fact(_("单件最高"), decision.cap_fen, "money"),
        ]
    rows += [
        Fact(_("政策"), decision.policy_id, "number"),
        Fact(_("规则版本"), decision.version_hash[:16], "number"),
    ]
    return rows
