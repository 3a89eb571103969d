"""Exchange decisions: how deliveries are signed and repeated. Pure."""

import base64
import hashlib
import hmac
from datetime import timedelta

SECRET_BYTES, SECRET_MARK = 32, "whsec_"
TOLERANCE_SECONDS = 300  # how old a signature a receiver should still take
# Seconds until the next try: about a day in all, then the letter is dead.
PAUSES = (10, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
MOST_ENDPOINTS, MOST_OVERLAP_HOURS = 20, 168


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """One `v1` signature as Standard Webhooks 1.0 has it: HMAC-SHA-256 over id, time and body.

    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...           1614265330, '{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    text = f"{message_id}.{timestamp}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after that many failed tries; None: give up, the letter is dead.

    >>> pause_after(1), pause_after(len(PAUSES) + 1)
    (datetime.timedelta(seconds=10), None)
    """
    if attempts > len(PAUSES):
        return None
    return timedelta(seconds=PAUSES[attempts - 1])
