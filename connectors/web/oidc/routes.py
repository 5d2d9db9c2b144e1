"""The provider's endpoints, by path."""

from __future__ import annotations

from starlette.routing import Route

from connectors.web.oidc import authorize, discovery, logout, national, token
from connectors.web.oidc.answers import endpoint
from connectors.web.visit import endpoint as page
from connectors.web.visit import nowhere

ROUTES = (
    Route("/.well-known/openid-configuration", discovery.document),
    Route("/.well-known/oauth-authorization-server", discovery.document),
    Route("/oidc/jwks", discovery.jwks),
    Route("/oidc/authorize", authorize.authorize, methods=["GET", "POST"]),
    Route("/oidc/consent", page(nowhere, authorize.decide), methods=["POST"]),
    Route("/oidc/token", endpoint(token.token), methods=["POST"]),
    Route("/oidc/userinfo", token.userinfo, methods=["GET", "POST"]),
    Route("/oidc/introspect", endpoint(token.introspect), methods=["POST"]),
    Route("/oidc/revoke", endpoint(token.revoke), methods=["POST"]),
    Route("/oidc/logout", logout.logout, methods=["GET", "POST"]),
    Route("/sign-in/with/{body}", national.begin),
    Route("/sign-in/from/{body}", national.end),
    Route("/oidc/sign-out", page(nowhere, logout.confirmed), methods=["POST"]),
)
