from __future__ import annotations


class Unacceptable(ValueError):  # noqa: N818 - the word the mail doors use: it is a verdict, not a failure
    """A message that is refused while its sender still waits: `rule` for logs and replies, `text` for people."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(f"{rule}: {text}")
        self.rule = rule
        self.text = text
