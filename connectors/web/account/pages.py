"""The pages about one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.account import app_passwords, confirm, factors, overview, password, terms
from connectors.web.step_up import elevated
from connectors.web.visit import nowhere

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/account", overview.show, None),
    ("/account/password", password.show, password.send),
    ("/account/app", elevated(factors.show_app), elevated(factors.keep_app)),
    ("/account/app/remove", nowhere, elevated(factors.remove_app)),
    ("/account/passkeys", elevated(factors.show_passkey), elevated(factors.add_passkey)),
    ("/account/passkeys/{number}/remove", nowhere, elevated(factors.remove_passkey)),
    ("/account/national/end", nowhere, elevated(factors.end_national)),
    ("/account/codes", nowhere, elevated(factors.renew_codes)),
    ("/account/app-passwords", app_passwords.show, elevated(app_passwords.make)),
    ("/account/app-passwords/{number}/revoke", nowhere, app_passwords.revoke),
    ("/account/terms", terms.show, terms.send),
    ("/account/confirm", confirm.show, confirm.send),
)
"""As connectors.web.app's."""
