"""Exchange decisions: how many webhooks, and how long an old secret still signs. Pure."""

SECRET_BYTES = 32
MOST_ENDPOINTS, MOST_OVERLAP_HOURS = 20, 168
