"""What we can do, for programs (OIDC Discovery 3, RFC 8414 2), and the keys with which our signatures are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.visit import seen
from groupware.provider.authorizing import NATIONAL, PASSWORD, SCOPES, STRONG
from groupware.provider.claims import CLAIMS
from groupware.provider.keys import ALGORITHMS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PROVEN_BY = ["client_secret_basic", "client_secret_post"]
FRESH = {"Cache-Control": "public, max-age=3600"}


async def document(request: Request) -> Response:
    """The provider's metadata."""
    return JSONResponse(metadata(seen(request).house.portal), headers=FRESH)


async def jwks(request: Request) -> Response:
    """The JWK Set."""
    return JSONResponse(await seen(request).groupware.provider.jwks(), headers=FRESH)


def metadata(issuer: str) -> dict[str, object]:
    """For both documents."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oidc/authorize",
        "token_endpoint": f"{issuer}/oidc/token",
        "userinfo_endpoint": f"{issuer}/oidc/userinfo",
        "jwks_uri": f"{issuer}/oidc/jwks",
        "introspection_endpoint": f"{issuer}/oidc/introspect",
        "revocation_endpoint": f"{issuer}/oidc/revoke",
        "end_session_endpoint": f"{issuer}/oidc/logout",
        "scopes_supported": list(SCOPES),
        "claims_supported": ["iss", "aud", "exp", "iat", "email", "name", "preferred_username", *CLAIMS],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": [*PROVEN_BY, "none"],
        "introspection_endpoint_auth_methods_supported": PROVEN_BY,
        "revocation_endpoint_auth_methods_supported": [*PROVEN_BY, "none"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": [NATIONAL, PASSWORD, STRONG],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
