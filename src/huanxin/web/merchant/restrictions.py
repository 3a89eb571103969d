"""What stands against the shop: restrictions and stops, why and until when, and objecting."""

from huanxin.claims import selectors as claims
from huanxin.kernel.actor import Actor
from huanxin.web import restriction_parts


def _stops(actor: Actor) -> dict[str, object]:
    return {"stops": claims.find_stops_of_shop(actor.org_id) if actor.org_id else []}


restriction_list, appeal = restriction_parts.desk_pages("merchant", _stops)
