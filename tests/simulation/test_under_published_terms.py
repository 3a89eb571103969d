"""A season whose reviewers work under published terms: samples, second pairs of eyes, stops."""

from datetime import date

import pytest

from huanxin.claims import models
from huanxin.claims.types.desk import StopKind
from huanxin.ledger import selectors as ledger
from huanxin.simulation import services
from tests import given_desk_terms

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAYS = {"first_on": date(2026, 6, 1), "last_on": date(2026, 6, 17), "scale": 300, "seed": 11}
HIGH = dict.fromkeys(["watched", "noted", "new_shop", "large", "plain"], 4_000)


def test_a_season_closes_its_books_with_samples_second_reviews_and_stops(tmp_path):
    given_desk_terms.published(sample_bps=HIGH, second_from_fen=50_000)

    result = services.replay_season(folder=tmp_path, **DAYS)

    assert result.ledger_difference_fen == 0
    assert ledger.sum_check().difference_fen == 0
    drawn = models.Draw.objects.filter(is_drawn=True)
    assert 0 < drawn.count() < models.Draw.objects.count()
    assert models.Review.objects.filter(step=2).exists()
    by_two = models.Claim.objects.filter(audit_status="passed", needs_second=True)
    assert by_two.exists()
    assert not by_two.filter(second_reviewer_id=None).exists()
    for stop in models.Stop.objects.filter(kind=StopKind.SHOP, closed_at__isnull=True):
        left = models.Claim.objects.filter(
            sale__merchant_id=stop.subject, released_at__gt=stop.opened_at
        )
        assert not left.exists()
