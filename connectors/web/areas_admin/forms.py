"""What forms about rooms say, and where on the form a refusal belongs."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from groupware.areas.rooms import Settings
from groupware.errors import Conflict, Refused
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.web.visit import Visit

FIELDS = {
    "unfit-code": "code",
    "code-taken": "code",
    "no-such-unit": "owner",
    "marking-too-loose": "marking",
    "handling-too-loose": "handling",
    "unfit-retention": "retention",
    "unfit-patience": "patience",
    "unfit-text": "name",
    "personal-data-barred-above": "bars_personal_data",
    "unfit-second-person": "second_person",
}
MEANWHILE = "Somebody else has changed this meanwhile. Look at what is set now, then save again."
MARKINGS = [marking for marking in Marking if marking > Marking.CLEAR]
DIGITS_MAX = 6
Unit = tuple[str, str, str, str]


class BadFormError(Exception):
    """A field that says nothing that could be tried; `problems` by the field's name."""

    def __init__(self, **problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


def settings(form: Mapping[str, str]) -> Settings:
    """A room's settings as the form has them. Raises BadFormError."""
    return Settings(
        name=form.get("name", ""),
        owner=form.get("owner", ""),
        topic=form.get("topic", ""),
        moderated="moderated" in form,
        bars_personal_data="bars_personal_data" in form,
        second_person=form.get("second_person", ""),
        marking=Marking(number(form, "marking", max(Marking))),
        handling=number(form, "handling", 3),
        retention=form.get("retention", ""),
        patience=number(form, "patience", 10**DIGITS_MAX),
    )


def number(form: Mapping[str, str], name: str, most: int) -> int:
    """A whole number from 0. Raises BadFormError."""
    text = form.get(name, "").strip()
    if not (text.isascii() and text.isdecimal()) or len(text) > DIGITS_MAX or int(text) > most:
        raise BadFormError(**{name: f"A whole number from 0 to {most}."})
    return int(text)


def seen(form: Mapping[str, str]) -> int:
    """The version that the form was made from; what can't be one is never the present one."""
    try:
        return number(form, "version", 10**DIGITS_MAX)
    except BadFormError:
        return 0


def problems(error: Refused | Conflict | BadFormError) -> tuple[int, dict[str, str]]:
    """The status and, by field, what is wrong."""
    if isinstance(error, BadFormError):
        return HTTPStatus.UNPROCESSABLE_ENTITY, error.problems
    if error.rule == "changed-meanwhile":
        return HTTPStatus.CONFLICT, {"form": MEANWHILE}
    status = HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
    return status, {FIELDS.get(error.rule, "form"): f"{error.text[:1].upper()}{error.text[1:]}."}


async def units(visit: Visit) -> Mapping[str, Sequence[Unit]]:
    """All units by the name of their body, for what is chosen from."""
    found: dict[str, list[Unit]] = {}
    for unit in await visit.portal.groupware.areas.units():
        found.setdefault(unit[1], []).append(unit)
    return found
