-- title: Prices lowered after the sale, and how much less subsidy each brought
SELECT r.id AS reduction_id, r.sale_id, r.step::integer AS step, r.off_fen, r.price_fen,
       r.subsidy_fen, r.refund_fen, r.less_fen, r.was_released, r.reduced_on
FROM claims_salereduction r
