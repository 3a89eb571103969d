"""What the platform says, in the reader's language. Chinese is what is written here.

Pages hand in how a sentence is said in another language; workers and files speak Chinese.
"""

import calendar
from collections.abc import Callable
from datetime import date
from typing import Any

CHINESE = "zh-hans"
_spoken: Callable[[str], str] = str
_language: Callable[[], str] = lambda: CHINESE  # noqa: E731


def speak_with(spoken: Callable[[str], str], language: Callable[[], str]) -> None:
    """Let what is said follow the reader: handed in from above, once, when the pages start."""
    global _spoken, _language
    _spoken, _language = spoken, language


def is_chinese() -> bool:
    """Whether the reader reads Chinese: counts in 万 and 亿, and needs no space between words."""
    return _language() == CHINESE


def day_said(on: date) -> str:
    """A day as a sentence names it.

    >>> day_said(date(2026, 12, 5))
    '12月5日'
    """
    if is_chinese():
        return f"{on.month}月{on.day}日"
    return f"{on.day} {calendar.month_abbr[on.month]}"


def said(template: str, **facts: Any) -> str:
    """A Chinese template in the reader's language, filled with its facts, themselves said so.

    >>> said("还剩 {count}台", count=3)
    '还剩 3台'
    """
    if not facts:
        return _spoken(template)
    told = {name: _spoken(f) if isinstance(f, str) else f for name, f in facts.items()}
    return _spoken(template).format_map(told)
