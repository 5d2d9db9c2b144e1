"""What goes wrong, as SCIM errors (RFC 7644 3.12): one table from the domain's errors."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scim2_models import (
    ConflictException,
    InvalidFilterException,
    InvalidValueException,
    MutabilityException,
    NotFoundException,
    PreconditionFailedException,
    SCIMException,
    UnauthorizedException,
    UniquenessException,
)

from groupware.errors import Conflict, Forbidden, IconetError, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_RULE: dict[str, type[SCIMException]] = {
    "changed-meanwhile": PreconditionFailedException,
    "taken": UniquenessException,
    "filter": InvalidFilterException,
    "login": MutabilityException,
    "sign-in": UnauthorizedException,
}
log = logging.getLogger("iconet.scim")


class BusyException(SCIMException):
    """It may go well later."""

    status = 503
    _default_detail = "ICONet is busy or has to stop. Nothing was lost; try again in a moment."


class TooLargeException(SCIMException):
    """RFC 9110 15.5.14."""

    status = 413
    _default_detail = "The request is too large."


class SlowException(SCIMException):
    """RFC 9110 15.5.9."""

    status = 408
    _default_detail = "The request took too long to arrive."


def scim(error: IconetError) -> SCIMException:
    """A domain error as SCIM's; forbidden and absent alike."""
    if isinstance(error, NotFound | Forbidden):
        return NotFoundException()
    if isinstance(error, Refused):
        return BY_RULE.get(error.rule, InvalidValueException)(
            detail=f"{error.rule}: {error.text}" if error.text else None
        )
    if isinstance(error, Conflict):
        text = f"{error.text} is taken" if error.rule == "taken" else error.text
        return BY_RULE.get(error.rule, ConflictException)(detail=text)
    return BusyException()


@contextmanager
def told() -> Iterator[None]:
    """Domain errors come out as SCIM's."""
    try:
        yield
    except IconetError as error:
        raise scim(error) from error
