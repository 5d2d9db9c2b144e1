"""What the homeserver is told: files of JSON (which is YAML) in DIR/matrix, written anew at each start.

A closed network: nobody registers, nothing is federated, looked up or previewed outside, nothing is encrypted end to
end, because rooms are moderated and kept. What forbids more than Synapse's settings can is the policy module.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.fault import Fault
from connectors.matrix.secrets import write
from connectors.matrix.service import DEVICE, LOCALPART

if TYPE_CHECKING:
    from connectors.house import Address
    from connectors.matrix.secrets import Secrets
    from connectors.settings import Matrix

MODULES = Path(__file__).with_name("synapse_module")
"""Synapse's PYTHONPATH: the policy module, and nothing of ours besides."""
QUESTIONS = "questions.sock"
CLIENT = "matrix"
"""The homeserver's client_id at the portal."""
MEBIBYTE = 1 << 20
UNLIMITED = {"per_second": 10_000, "burst_count": 10_000}
"""Our own limiter is behind the sign-in; Synapse's would count all clients behind one address as one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One start: `directory` is DIR/matrix, `at` where the homeserver listens, `bridge` our port for its transactions.

    `secret` is by what the policy module proves itself, this time. `issuer` is the portal's address, where people sign
    in for m.login.sso; "" for none.
    """

    directory: Path
    domain: str
    host: str
    at: Address
    bridge: int
    secret: str
    settings: Matrix
    issuer: str = ""

    @property
    def url(self) -> str:
        """Where clients find the homeserver."""
        return self.settings.url or f"http://{self.host}:{self.at.port}"

    @property
    def callback(self) -> str:
        """Where ICONet sends a browser back to."""
        return f"{self.url}/_synapse/client/oidc/callback"


def written(plan: Plan, secrets: Secrets) -> Path:
    """The path of the configuration, with everything that it names in place. Raises Fault."""
    make(plan.directory / "media")
    write(plan.directory / "signing.key", secrets.signing_key)
    write(plan.directory / "log.json", json.dumps(logging(plan.directory), indent=1))
    write(plan.directory / "registration.json", json.dumps(registration(plan, secrets), indent=1))
    path = plan.directory / "homeserver.json"
    write(path, json.dumps(homeserver(plan, secrets), indent=1))
    return path


def homeserver(plan: Plan, secrets: Secrets) -> dict[str, Any]:
    """Synapse's configuration."""
    return {
        "server_name": plan.domain,
        "public_baseurl": f"{plan.url}/",
        "pid_file": str(plan.directory / "homeserver.pid"),
        "listeners": [
            {
                "port": plan.at.port,
                "bind_addresses": [plan.at.host],
                "type": "http",
                "tls": False,
                "x_forwarded": bool(plan.settings.url),
                "resources": [{"names": ["client"], "compress": False}],
            }
        ],
        "database": database(plan),
        "log_config": str(plan.directory / "log.json"),
        "media_store_path": str(plan.directory / "media"),
        "max_upload_size": plan.settings.largest * MEBIBYTE,
        "signing_key_path": str(plan.directory / "signing.key"),
        "macaroon_secret_key": secrets.macaroon,
        "form_secret": secrets.form,
        "app_service_config_files": [str(plan.directory / "registration.json")],
        "modules": [{"module": "iconet_policy.IconetPolicy", "config": policy(plan)}],
        **sso(plan, secrets),
        **_closed(),
        **_rooms(),
        **_limits(),
    }


def policy(plan: Plan) -> dict[str, str]:
    """What the policy module is told."""
    return {
        "socket": str(plan.directory / QUESTIONS),
        "secret": plan.secret,
        "service": f"@{LOCALPART}:{plan.domain}",
        "device": DEVICE,
    }


def sso(plan: Plan, secrets: Secrets) -> dict[str, Any]:
    """Sign-in by browser, at the portal (m.login.sso), beside app passwords; for the same users."""
    if not plan.issuer:
        return {}
    templates = {
        "localpart_template": "{{ user.preferred_username }}",
        "display_name_template": "{{ user.name }}",
    }
    provider = {
        "idp_id": "iconet",
        "idp_name": "ICONet",
        "issuer": plan.issuer,
        "discover": True,
        "client_id": CLIENT,
        "client_secret": secrets.oidc,
        "scopes": ["openid", "profile"],
        "pkce_method": "always",
        "user_profile_method": "userinfo_endpoint",
        "user_mapping_provider": {"config": templates},
        "allow_existing_users": True,
        "backchannel_logout_enabled": True,
    }
    return {"oidc_providers": [provider]}


def _closed() -> dict[str, Any]:
    return {
        "report_stats": False,
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "federation_domain_whitelist": [],
        "send_federation": False,
        "allow_public_rooms_over_federation": False,
        "allow_public_rooms_without_auth": False,
        "allow_profile_lookup_over_federation": False,
        "allow_device_name_lookup_over_federation": False,
        "enable_registration": False,
        "allow_guest_access": False,
        "enable_3pid_lookup": False,
        "enable_3pid_changes": False,
        "default_identity_server": None,
        "password_config": {"enabled": True, "localdb_enabled": False},
        "require_auth_for_profile_requests": True,
        "limit_profile_requests_to_users_who_share_rooms": True,
        "user_directory": {"enabled": False},
        "presence": {"enabled": False},
        "push": {"enabled": False},
        "url_preview_enabled": False,
        "enable_authenticated_media": True,
        "user_ips_max_age": "1d",
    }


def _rooms() -> dict[str, Any]:
    """Both of the last two, or a member who is put out reads on (measured: reference of decision 0016).

    What is taken back is forgotten soon; a file that was handed in lives on in its post, which ICONet keeps.
    """
    return {
        "redaction_retention_period": "1m",
        "media_retention": {"local_media_lifetime": "30d"},
        "default_room_version": "11",
        "encryption_enabled_by_default_for_room_type": "off",
        "allow_per_room_profiles": False,
        "forget_rooms_on_leave": True,
        "caches": {"sync_response_cache_duration": "0s"},
    }


def _limits() -> dict[str, Any]:
    """For people; the application service has none (`rate_limited` in its registration)."""
    return {
        "rc_login": {"address": UNLIMITED, "account": UNLIMITED, "failed_attempts": UNLIMITED},
        "rc_message": {"per_second": 20, "burst_count": 200},
        "rc_joins": {"local": {"per_second": 20, "burst_count": 200}, "remote": {"per_second": 0.01, "burst_count": 1}},
        "rc_joins_per_room": UNLIMITED,
    }


def database(plan: Plan) -> dict[str, Any]:
    """SQLite beside the configuration, or the PostgreSQL of the settings."""
    if not plan.settings.store:
        return {"name": "sqlite3", "args": {"database": str(plan.directory / "homeserver.db")}}
    return {"name": "psycopg2", "args": {"dsn": plan.settings.store, "cp_min": 2, "cp_max": 10}}


def registration(plan: Plan, secrets: Secrets) -> dict[str, Any]:
    """The application service (Application Service API, registration): all officials' users are its to act for."""
    domain = re.escape(plan.domain)
    return {
        "id": "iconet",
        "url": f"http://127.0.0.1:{plan.bridge}" if plan.bridge else None,
        "as_token": secrets.as_token,
        "hs_token": secrets.hs_token,
        "sender_localpart": LOCALPART,
        "rate_limited": False,
        "namespaces": {
            "users": [{"regex": f"@.*:{domain}", "exclusive": False}],
            "aliases": [{"regex": f"#.*:{domain}", "exclusive": True}],
            "rooms": [],
        },
    }


def logging(directory: Path) -> dict[str, Any]:
    """Warnings only: at info Synapse tells who asks for what from where.

    In warnings it tells under which wrong names, and quotes a request that is no JSON: words, or a login's password.
    """
    return {
        "version": 1,
        "formatters": {
            "line": {"()": "iconet_policy.OneLine", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
        },
        "handlers": {
            "file": {
                "class": "logging.handlers.RotatingFileHandler",
                "filename": str(directory / "homeserver.log"),
                "maxBytes": 10_000_000,
                "backupCount": 2,
                "formatter": "line",
            }
        },
        "loggers": {
            "synapse.handlers.auth": {"level": "ERROR"},
            "synapse.http.servlet": {"level": "ERROR"},
        },
        "root": {"level": "WARNING", "handlers": ["file"]},
        "disable_existing_loggers": False,
    }


def make(path: Path) -> None:
    """A folder for this user only. Raises Fault."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Fault(f"{path}: cannot be made: {error.strerror}") from error
