"""What every desk page shows around its job: the side list, and whose desk it is."""

from typing import Any

from django import template
from django.conf import settings
from django.template import RequestContext

from huanxin.identity import selectors as identity
from huanxin.web import session, sides

register = template.Library()


@register.inclusion_tag("components/side.html", takes_context=True)
def side_list(context: RequestContext, audience: str, current: str = "") -> dict[str, Any]:
    """The pages the signed-in actor may open; `current` is the page's name, else the address's."""
    request = context["request"]
    here = current or request.resolver_match.view_name
    return {"groups": sides.side_of(session.actor_of(request), audience), "here": here}


@register.inclusion_tag("components/side.html", takes_context=True)
def my_side(context: RequestContext) -> dict[str, Any]:
    """The side list of the reader's own audience: for pages that every party shares."""
    request = context["request"]
    actor = session.actor_of(request)
    return {
        "groups": sides.side_of(actor, session.audience_of(actor.role)),
        "here": request.resolver_match.view_name,
    }


@register.simple_tag(takes_context=True)
def whose_desk(context: RequestContext) -> str:
    """The organisation the actor works for, else the region."""
    actor = session.actor_of(context["request"])
    if actor.org_id is not None:
        return identity.get_organisation(actor.org_id).name
    code = actor.scope.region_path.rpartition("/")[2] or settings.HUANXIN_CITY
    return identity.get_region(code).name
