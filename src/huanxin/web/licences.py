"""Papers of the own organisation that end soon or have ended: said on the desk's first pages."""

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.recycling.selectors import plant_book
from huanxin.web import values


def warnings(actor: Actor) -> list[dict[str, object]]:
    """A line for each paper that is missing, over, or ends within the published days of notice."""
    if actor.org_id is None:
        return []
    org, today = identity.get_organisation(actor.org_id), clock.today()
    kind, warn_days = plant_book.licence_needed(org.kind.value)
    mine = [one for one in org.licences if one.kind == kind]
    last = max((one.to_on for one in mine), default=None)
    if kind is None or (last is not None and (last - today).days > warn_days):
        return []
    is_over = last is None or last <= today
    return [{"kind": kind, "is_over": is_over, "until": values.day(last) if last else ""}]
