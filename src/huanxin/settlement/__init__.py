"""Settlement: batches, publicity, fund split, payment orders, claw-back."""
