from __future__ import annotations


class UnreadableError(ValueError):
    """A calendar that isn't one, or that goes beyond the bounds; the text is for its sender."""


class DeclinedError(ValueError):
    """An invitation that is understood and can't be accepted, whatever the calendar of the resource says.

    `rule` is its name, the text is for the organiser.
    """

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule
