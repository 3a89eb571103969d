"""Quotes: what a unit is worth and why, the proofs given, the published standards."""

from datetime import date
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel import clock, crypto, filestore
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.recycling import _standard, _work, models, rules
from huanxin.recycling.types import BatteryKind, ProposalState, StandardKind
from huanxin.recycling.types.valuation import (
    CategoryGuide,
    PublishedFactor,
    PublishedStandard,
    Question,
    QuotePhotoCard,
    ScrapPriceCard,
    StandardProposalCard,
    UnitAnswers,
    Valuation,
    ValuationQuote,
    WorkStandardCard,
)


def value_old_unit(answers: UnitAnswers) -> Valuation:
    """What a unit is worth today by the published standard: an indication, not yet a proof."""
    return _standard.value(answers, clock.today())


def get_quote(quote_id: UUID, scope: Scope) -> ValuationQuote:
    """A valuation proof, for its owner or for an officer of her region."""
    row = models.Quote.objects.filter(pk=quote_id).first()
    if row is None or scope.person_id not in (None, row.person_id):
        raise NotFound(model="Quote", id=quote_id)
    identity.get_person(row.person_id, Scope(scope.region_path, None, scope.person_id))
    return row.as_quote()


def proof_token(quote: ValuationQuote) -> str:
    """What the QR of a proof carries: its number and amounts under the platform's key."""
    facts = {"quote": quote.number, "cash": quote.cash_fen, "voucher": quote.voucher_fen}
    return crypto.sign_token(facts)


def verify_proof(token: str) -> ValuationQuote:
    """The proof that a scanned token names; TokenInvalid if the token is not ours.

    Public: show its number, amounts and standard, never whose it is.
    """
    number = str(crypto.read_token(token).get("quote", ""))
    row = models.Quote.objects.filter(number=number).first()
    if row is None:
        raise NotFound(model="Quote", id=number)
    return row.as_quote()


def list_quote_photos(quote_id: UUID, scope: Scope) -> list[QuotePhotoCard]:
    """The photos of a proof that the scope may read."""
    get_quote(quote_id, scope)
    rows = models.QuotePhoto.objects.filter(quote_id=quote_id).order_by("id")
    return [QuotePhotoCard(row.shown_sha256, row.byte_count, row.kept_at) for row in rows]


def find_quote_photo(quote_id: UUID, sha256: str, scope: Scope) -> bytes | None:
    """The shown copy of one photo of a proof; never the original."""
    get_quote(quote_id, scope)
    rows = models.QuotePhoto.objects.filter(quote_id=quote_id, shown_sha256=sha256)
    return filestore.file_store().get(sha256) if rows.exists() else None


def list_guides(on: date | None = None) -> list[CategoryGuide]:
    """The categories valued today, each with the kinds and questions that its price asks for."""
    standard = _standard.in_force(on or clock.today())
    codes = [c.code for c in catalogue.list_categories() if c.code in standard.bases]
    return [_guide(standard, code) for code in codes]


def find_guide(category_code: str) -> CategoryGuide | None:
    """What to ask about a unit of one category; None if the standard does not value it."""
    standard = _standard.in_force(clock.today())
    return _guide(standard, category_code) if category_code in standard.bases else None


def list_standards() -> list[PublishedStandard]:
    """Every published version, newest first, as the public reads it."""
    today = clock.today()
    current = models.Standard.objects.filter(from_on__lte=today)
    newest = current.order_by("-from_on", "-published_at", "-version").first()
    rows = models.Standard.objects.order_by("-from_on", "-published_at", "-version")
    in_force = newest.version if newest else ""
    return [_published(row, is_in_force=row.version == in_force) for row in rows]


def get_standard(version: str) -> PublishedStandard:
    """One published version."""
    for standard in list_standards():
        if standard.version == version:
            return standard
    raise NotFound(model="Standard", id=version)


def standard_text(version: str) -> str:
    """A published version as YAML."""
    get_standard(version)
    return _standard.text_of(version)


def list_work_standards(kind: StandardKind) -> list[WorkStandardCard]:
    """Every published version of the grading or the floor standard, newest first."""
    rows = list(models.WorkStandard.objects.filter(kind=kind).order_by("-from_on"))
    today = clock.today()
    newest = next((row.version for row in rows if row.from_on <= today), "")
    return [
        WorkStandardCard(
            row.version, kind, row.body["title"], row.from_on, row.published_at,
            row.version == newest, row.approved_by_id is not None,
        )
        for row in rows
    ]  # fmt: skip


def work_standard_text(version: str) -> str:
    """A published version of the grading or the floor standard as YAML."""
    if not models.WorkStandard.objects.filter(pk=version).exists():
        raise NotFound(model="WorkStandard", id=version)
    return _work.text_of(version)


def list_battery_bounds() -> list[tuple[BatteryKind, int, int]]:
    """The kinds of e-bike battery of the standard in force, with the grams each weighs at least and
    at most."""
    found = _standard.in_force(clock.today()).batteries
    return [(BatteryKind(key), rule.least_g, rule.most_g) for key, rule in found.items()]


def list_scrap_prices(*, limit: int = 60) -> list[ScrapPriceCard]:
    """Published scrap prices, newest first."""
    rows = models.ScrapPrice.objects.order_by("-priced_on", "index_code")[:limit]
    return [row.as_card() for row in rows]


def list_standard_proposals(
    *,
    state: ProposalState | None = None,
    limit: int = 50,
    kind: StandardKind = StandardKind.VALUATION,
) -> list[StandardProposalCard]:
    """Versions of a kind handed in, newest first."""
    rows = models.StandardProposal.objects.filter(kind=kind).order_by("-proposed_at", "-pk")
    if state is not None:
        rows = rows.filter(state=state)
    return [row.as_card() for row in rows[:limit]]


def get_standard_proposal(proposal_id: UUID) -> StandardProposalCard:
    """One version handed in."""
    row = models.StandardProposal.objects.filter(pk=proposal_id).first()
    if row is None:
        raise NotFound(model="StandardProposal", id=proposal_id)
    return row.as_card()


def _guide(standard: rules.Standard, code: str) -> CategoryGuide:
    variant = standard.variants.get(code)
    return CategoryGuide(
        code,
        variant.words if variant else "",
        _options(variant) if variant else (),
        tuple(
            Question(ask.id, ask.words, _options(ask)) for ask in standard.questions.get(code, ())
        ),
        code not in standard.collected_only,
    )


def _options(ask: rules.Ask) -> tuple[tuple[str, str], ...]:
    return tuple((key, factor.say) for key, factor in ask.options.items())


def _published(row: models.Standard, *, is_in_force: bool) -> PublishedStandard:
    standard = _standard.of_version(row.version)
    own = [(code, ask) for code, ask in standard.variants.items()]
    own += [(code, ask) for code, asks in standard.questions.items() for ask in asks]
    return PublishedStandard(
        version=row.version,
        title=standard.title,
        from_on=row.from_on,
        published_at=row.published_at,
        valid_days=standard.valid_days,
        is_in_force=is_in_force,
        is_by_two_people=row.approved_by_id is not None,
        bases=tuple((c, b.price_fen, b.is_assumed, b.source) for c, b in standard.bases.items()),
        factors=tuple(
            PublishedFactor(name, key, factor.bps, factor.say)
            for name, rows in standard.factors.items()
            for key, factor in rows.items()
        ),
        category_factors=tuple(
            (code, PublishedFactor(ask.words, key, factor.bps, factor.say))
            for code, ask in own
            for key, factor in ask.options.items()
        ),
        indices=tuple(
            (code, one.name, one.reference_fen_per_tonne) for code, one in standard.indices.items()
        ),
        topup_bps=standard.topup_bps,
        topup_min_fen=standard.topup_min_fen,
        sources=standard.sources,
    )
