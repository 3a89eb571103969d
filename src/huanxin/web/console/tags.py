"""What an authority has established about a person: found by document, recorded with its proof."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.services import registering
from huanxin.identity.types import NewPersonTag, PersonCard, TagKind
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import DomainError, NotFound
from huanxin.web.campaign_forms import tag_options
from huanxin.web.forms import PlainForm, RequestForm, refused
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.session import actor_of, audience, permitted

FIND, PERSON = "console/tags.html", "console/person_tags.html"


class DocumentForm(PlainForm):
    document_no = forms.CharField(label=gettext_lazy("居民身份证号"), max_length=18)


class TagForm(RequestForm):
    tag = forms.ChoiceField(label=gettext_lazy("身份信息"))
    source = forms.CharField(
        label=gettext_lazy("依据的证明或登记"), max_length=120,
        help_text=gettext_lazy("例如：东昌府区民政局〔2026〕评估第 118 号"),
    )  # fmt: skip
    from_on = forms.DateField(
        label=gettext_lazy("自"), widget=forms.DateInput(attrs={"type": "date"})
    )
    to_on = forms.DateField(
        label=gettext_lazy("至（不含）"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["tag"]
        assert isinstance(field, forms.ChoiceField), "declared above"
        field.choices = tag_options()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("identity.tag")
def find(request: HttpRequest) -> HttpResponse:
    """By document number, which is never part of an address."""
    form = DocumentForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, FIND, {"form": form}, status=422 if form.is_bound else 200)
    try:
        person = _found(form.cleaned_data["document_no"], actor_of(request).scope)
    except DomainError as refusal:
        return refused(request, FIND, {"form": form}, refusal)
    return redirect("console:person_tags", person.id)


@never_cache
@require_safe
@audience("console")
@permitted("identity.tag")
def person_tags(request: HttpRequest, person_id: Any) -> HttpResponse:
    person = identity.get_person(person_id, actor_of(request).scope)
    may_audit = identity.may(actor_of(request), "audit.read")
    return render(request, PERSON, _page(person, TagForm()) | {"may_audit": may_audit})


@require_POST
@audience("console")
@permitted("identity.tag")
def record(request: HttpRequest, person_id: Any) -> HttpResponse:
    actor = actor_of(request)
    person = identity.get_person(person_id, actor.scope)
    form = TagForm(request.POST)
    if not form.is_valid():
        return render(request, PERSON, _page(person, form), status=422)
    said = form.cleaned_data
    tag, _slash, level = said["tag"].partition("/")
    new = NewPersonTag(
        person.id, TagKind(tag), said["source"], said["from_on"], said["to_on"], level
    )
    try:
        registering.record_person_tag(actor=actor, new=new, request_id=said["request_id"])
    except DomainError as refusal:
        return refused(request, PERSON, _page(person, form), refusal)
    return redirect("console:person_tags", person.id)


def _found(document_no: str, scope: Scope) -> PersonCard:
    """Somebody of another region is as unknown as nobody."""
    person = identity.find_person_by_document(document_no.strip())
    if person is None or not scope.covers(person.region_path):
        raise NotFound(model="Person", id="")
    return person


def _page(person: PersonCard, form: TagForm) -> dict[str, Any]:
    return {"person": person, "form": form, "table": _table(person)}


def _table(person: PersonCard) -> Table:
    names = dict(tag_options())
    columns = (
        Column("tag", _("身份信息")), Column("source", _("依据的证明或登记")),
        Column("from_on", _("自"), "day"), Column("to_on", _("至（不含）"), "day"),
    )  # fmt: skip
    found = identity.person_tags([person.id], clock.today()).get(person.id, ())
    rows = [
        Row({
            "tag": names[f"{one.tag}/{one.level}" if one.level else str(one.tag)],
            "source": one.source, "from_on": one.from_on, "to_on": one.to_on,
        })
        for one in found
    ]  # fmt: skip
    empty = Empty(_("没有生效的身份信息"), _("民政、人社等部门出具证明后在下面登记。"))
    return Table("tags", _("生效的身份信息"), columns, rows, empty)
