"""Dates as people write them, year last or first, in figures or with a month's name in any language."""

from __future__ import annotations

import re

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)[0-9]{2}"
_ORDINAL = r"(?:st|nd|rd|th|\.|er|°|º|-(?:ni|ti|ci|è))?"
_APART = r"\s?[./\u2044-]\s?"
_NAME = r"[^\W\d_]{3,14}\.?"
DATE = re.compile(
    r"(?<![\w./-])(?:"
    rf"{_DAY}{_APART}{_MONTH}{_APART}{_YEAR}"  # 3.9.1988, 27-10-1990, 02/07/1985
    rf"|{_MONTH}/{_DAY}/{_YEAR}"  # 07/27/1985
    rf"|{_YEAR}{_APART}{_MONTH}{_APART}{_DAY}"  # 1994-04-02, 1988.02.14
    rf"|{_DAY}{_ORDINAL}\s{{1,2}}(?:de\s|ta[\u2019']\s?)?{_NAME}\s{{1,2}}(?:de\s|del\s)?{_YEAR}"  # 4 April 1995
    rf"|{_NAME}\s{_DAY}(?:st|nd|rd|th)?,?\s{_YEAR}"  # March 14, 1991
    rf"|{_YEAR}\.?\s(?:gada\s|m\.\s)?(?:{_DAY}\.\s)?{_NAME}\s?(?:{_DAY})?"  # 1991. március 8., 1995. gada 11. jūnijā
    r")(?![0-9])",
    re.IGNORECASE,
)
"""What a context must make a date of birth of; figures alone are thousands of other things."""
