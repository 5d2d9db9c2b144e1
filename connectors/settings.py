"""Static settings: read once from TOML at start, then frozen. What changes while ICONet runs is in the store.

Each setting carries its sentence and its bounds in its annotation; the sample file is written from them.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from connectors.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from _typeshed import DataclassInstance


class SettingsError(Fault):
    """A setting that can't be used: its message names the file, the key path and the cause."""

    def __init__(self, path: Path, key: str, cause: str) -> None:
        super().__init__(": ".join(part for part in (str(path), key, cause) if part))


@dataclass(frozen=True, slots=True)
class Between:
    """Bounds of a whole number, both included."""

    low: int
    high: int

    def objection(self, value: object) -> str:
        """Why `value` is refused; empty when it is not."""
        inside = isinstance(value, int) and self.low <= value <= self.high
        return "" if inside else f"{value} is not between {self.low} and {self.high}"


@dataclass(frozen=True, slots=True)
class Shaped:
    """The shape of a text, as a regular expression for the whole of it, and that shape in words."""

    pattern: str
    words: str

    def objection(self, value: object) -> str:
        """Why `value` is refused; empty when it is not."""
        return "" if isinstance(value, str) and re.fullmatch(self.pattern, value) else f"{value!r} is not {self.words}"


HOST_NAME = Shaped(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", "a host name in small letters")
STORE_URL = Shaped(r"|postgresql\+psycopg://.*", "empty or a URL that begins with postgresql+psycopg://")
HTTPS_URL = Shaped(r"|https://[^/]+", "empty or a URL that begins with https:// and has no path")
ISSUER = Shaped(r"https://[!-~]+(?<![/?#])", "a URL that begins with https:// and doesn't end with a slash")
BODY_CODE = Shaped(r"[A-Za-z0-9_-]{1,40}", "the code of a state or institution")
HOMESERVER_URL = Shaped(r"|postgresql://.*", "empty or a URL that begins with postgresql://")

OF_ONE = "How many of them from one network: an IPv4 address, or an IPv6 /64."


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where a door waits for clients."""

    host: Annotated[str, "The address to listen on."] = "127.0.0.1"
    port: Annotated[int, "The TCP port; 0 takes any free one.", Between(0, 65535)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission(Listen):
    """Where officials hand in mail, and how much of it."""

    largest: Annotated[int, "The largest message, in MiB.", Between(1, 100)] = 25
    connections: Annotated[int, "How many clients at once.", Between(1, 10_000)] = 1000
    connections_of_one: Annotated[int, OF_ONE, Between(1, 10_000)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Imap(Listen):
    """Where mail clients read, how many of them, and how patient ICONet is with each."""

    connections: Annotated[int, "How many clients at once.", Between(1, 10_000)] = 4000
    connections_of_one: Annotated[int, OF_ONE, Between(1, 10_000)] = 1000
    sign_in_seconds: Annotated[int, "How long a client may take to sign in, in seconds.", Between(5, 600)] = 60
    idle_seconds: Annotated[
        int, "How long a client that has signed in may be silent, in seconds (RFC 9051 5.4).", Between(1800, 86_400)
    ] = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Ldap(Listen):
    """Where address books look officials up, how many of them, and how patient ICONet is with each."""

    starttls_port: Annotated[
        int, "A second TCP port, on which clients begin in clear and go on with StartTLS; -1: none.", Between(-1, 65535)
    ] = -1
    connections: Annotated[int, "How many clients at once.", Between(1, 10_000)] = 4000
    connections_of_one: Annotated[int, OF_ONE, Between(1, 10_000)] = 1000
    sign_in_seconds: Annotated[int, "How long a client may take to sign in, in seconds.", Between(5, 600)] = 60
    idle_seconds: Annotated[
        int, "How long a client that has signed in may be silent, in seconds.", Between(60, 86_400)
    ] = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix(Listen):
    """The homeserver, a program of its own that ICONet runs, and where Matrix clients find it."""

    url: Annotated[
        str,
        "The proxy's address for clients, which sets X-Forwarded-For; or empty: clients come to the listener itself.",
        HTTPS_URL,
    ] = ""
    python: Annotated[str, "The Python of Synapse's environment. Empty: .venv-synapse beside ICONet's own."] = ""
    store: Annotated[
        str,
        "Empty: SQLite in `data`. Or the homeserver's own PostgreSQL, in a cluster apart: postgresql://user@host/name.",
        HOMESERVER_URL,
    ] = ""
    largest: Annotated[int, "The largest file that somebody may hand in, in MiB.", Between(1, 100)] = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What is asked of those who sign in to the portal."""

    second_factor: Annotated[
        Literal["nobody", "duties", "everybody"],
        "Who must have an authenticator app or a passkey: nobody, everybody, or those who hold a role (duties).",
    ] = "duties"
    terms: Annotated[
        str, "File with the terms of use, in UTF-8. Empty: ICONet's own. Another text is asked to be accepted anew."
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """The certificate of every door."""

    certificate: Annotated[str, "PEM file with the chain, the server first. Empty: ICONet makes its own authority."] = (
        ""
    )
    key: Annotated[str, "PEM file with the private key, readable by nobody else."] = ""
    authority: Annotated[str, "PEM file of an authority of your own that vouches for it. Empty: the world's."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Mail to and from partners."""

    outbox: Annotated[str, "A Maildir that gets all mail to partners, so that none leaves this machine; or empty."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Where the mail of one partner's domain goes."""

    host: Annotated[str, "The partner's mail server.", HOST_NAME] = "localhost"
    port: Annotated[int, "Its TCP port.", Between(1, 65535)] = 25
    tls: Annotated[
        Literal["starttls", "implicit", "none"], "How TLS begins; with none, everybody on the way can read."
    ] = "starttls"
    authority: Annotated[str, "PEM file of who vouches for its certificate. Empty: the world's authorities."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """ICONet as an OpenID Connect provider, at which Synapse and other programs have officials sign in."""

    issuer: Annotated[
        str,
        "The portal's address for browsers, which names ICONet in tokens. Empty: https with `host` and the web port.",
        HTTPS_URL,
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class National:
    """The identity provider of one state or institution, whose officials may sign in with it."""

    issuer: Annotated[str, "Its issuer, which serves /.well-known/openid-configuration.", ISSUER] = (
        "https://id.example.org"
    )
    client_id: Annotated[str, "The name under which it knows ICONet."] = "iconet"
    secret_file: Annotated[str, "A file with ICONet's secret there, readable by nobody else."] = ""
    claim: Annotated[str, "The claim of its ID token that is compared with an official's external id."] = "sub"
    scope: Annotated[str, "What it is asked for."] = "openid"
    strong_acr: Annotated[
        str,
        "Values of acr or amr, with spaces between, that prove as much as ICONet's second factor. Empty: none does.",
    ] = ""
    algorithm: Annotated[Literal["ES256", "RS256", "PS256"], "How it signs."] = "RS256"
    title: Annotated[str, "What its accounts are called on the sign-in page."] = ""
    authority: Annotated[str, "PEM file of who vouches for its certificate. Empty: the world's authorities."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The log of who did what."""

    checkpoints: Annotated[
        str, "A folder for its signed checkpoints, best on another machine. Empty: checkpoints in `data`."
    ] = ""
    glass_hours: Annotated[
        int, "For how many hours a security officer may read in an emergency, at most.", Between(1, 168)
    ] = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrecy:
    """Secrecy at rest: stored bytes and backups are sealed with keys that end with their period."""

    keys: Annotated[
        str, "A folder for the keys, outside of `data` and in no backup of it. Empty: nothing is sealed."
    ] = ""
    seal: Annotated[bool, "Whether what is stored is sealed; false, with the keys still set, opens all again."] = True
    backup_days: Annotated[
        int, "How many days after the end of a month the key of its backups is destroyed.", Between(1, 36_500)
    ] = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """What awaits a colleague's word before anybody else sees it."""

    second_person: Annotated[
        str,
        "Markings that need a second person's word in every room, such as TLP:RED H3; what is stricter does, too.",
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set, each with its default."""

    domain: Annotated[str, "The mail domain that is ours.", HOST_NAME] = "iconet.test"
    host: Annotated[str, "The name under which clients reach the doors; in URLs and the certificate.", HOST_NAME] = (
        "localhost"
    )
    data: Annotated[Path, "Directory of everything kept; relative to where iconet is started."] = Path("var/iconet")
    store: Annotated[str, "Empty: SQLite in `data`. Or PostgreSQL: postgresql+psycopg://host/name.", STORE_URL] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], "What is logged; debug may show personal data."
    ] = "info"
    stop_seconds: Annotated[int, "How long a stop waits for work under way, in seconds.", Between(1, 8)] = 6
    tls: Annotated[Tls, "The certificate of every door."] = Tls()
    sign_in: Annotated[SignIn, "What is asked of those who sign in to the portal."] = SignIn()
    submission: Annotated[Submission, "Where officials hand in mail: SMTP over implicit TLS (RFC 8314 3.3)."] = (
        Submission(port=10465)
    )
    imap: Annotated[Imap, "Where mail clients read: IMAP over implicit TLS (RFC 8314 3.2)."] = Imap(port=10993)
    ldap: Annotated[Ldap, "Where address books look officials up: LDAP over implicit TLS (RFC 4513 3.1)."] = Ldap(
        port=10636
    )
    web: Annotated[Listen, "The portal and its API: HTTPS."] = Listen(port=10443)
    matrix: Annotated[Matrix, "Where Matrix clients meet: HTTP, for loopback or behind a proxy that speaks HTTPS."] = (
        Matrix(port=10008)
    )
    relay: Annotated[Relay, "Mail to and from partners."] = Relay()
    partner: Annotated[
        dict[str, Partner], "Where the mail of partners' domains goes, a section for each.", HOST_NAME
    ] = dataclasses.field(default_factory=dict)
    audit: Annotated[Audit, "The log of who did what."] = Audit()
    secrecy: Annotated[Secrecy, "Secrecy at rest: keys for stored bytes and for backups."] = Secrecy()
    drafting: Annotated[Drafting, "What awaits a colleague's word before anybody else sees it."] = Drafting()
    oidc: Annotated[Oidc, "Sign-in at other programs through ICONet (OpenID Connect)."] = Oidc()
    national: Annotated[
        dict[str, National], "Sign-in with the accounts of a state or institution, a section for each code.", BODY_CODE
    ] = dataclasses.field(default_factory=dict)

    def lock_of(self, part: str) -> Path:
        """The file that the one process with these doors holds."""
        return self.data / (f"lock-{part}" if part else "lock")

    @property
    def served(self) -> bool:
        """Whether ICONet has ever run here."""
        return any(self.data.glob("lock*"))

    def listen(self, door: str) -> Listen:
        """Where the door named `door` listens. Raises KeyError for a door without a section."""
        section = getattr(self, door, None)
        if not isinstance(section, Listen):
            raise KeyError(door)
        return section

    def on_any_ports(self) -> Settings:
        """The same with a free port for every door."""
        doors: dict[str, Any] = {
            field.name: replace(section, port=0)
            for field in fields(self)
            if isinstance(section := getattr(self, field.name), Listen)
        }
        return replace(self, **doors)


def read_settings(path: Path) -> Settings:
    """The settings in the TOML file `path`; raises SettingsError."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(path, "", str(error.strerror)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(path, "", f"not TOML: {error}") from error
    settings = _section(path, "", Settings(), table)
    if bool(settings.tls.certificate) != bool(settings.tls.key):
        missing = "key" if settings.tls.certificate else "certificate"
        raise SettingsError(path, f"tls.{missing}", "certificate and key are set together or not at all")
    return settings


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: `kind` its Python type, `sentence` what it means, `checks` its bounds."""

    name: str
    kind: Any
    sentence: str
    checks: tuple[Between | Shaped, ...]


def settings_of(section: type) -> Iterator[Field]:
    """The settings of one section, in the order in which they are written."""
    for name, hint in get_type_hints(section, include_extras=True).items():
        kind, sentence, *checks = get_args(hint)
        yield Field(name, kind, sentence, tuple(checks))


S = TypeVar("S", bound="DataclassInstance")


def _section(path: Path, key: str, default: S, table: Mapping[str, object]) -> S:
    known = {field.name: field for field in settings_of(type(default))}
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            raise SettingsError(path, f"{key}{name}", "no such setting" + _meant(name, known))
        values[name] = _value(path, f"{key}{name}", known[name], getattr(default, name), value)
    return replace(default, **values)


def _meant(name: str, known: Mapping[str, Field]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _value(path: Path, key: str, field: Field, default: Any, value: object) -> object:  # noqa: ANN401 - any setting
    if isinstance(value, dict) and get_origin(field.kind) is dict:
        return dict(_named(path, key, field, value))
    if isinstance(value, dict) and hasattr(field.kind, "__dataclass_fields__"):
        return _section(path, f"{key}.", default, value)
    objection = _wrong_type(field.kind, value) or next(filter(None, (c.objection(value) for c in field.checks)), "")
    if objection:
        raise SettingsError(path, key, objection)
    return Path(value) if field.kind is Path and isinstance(value, str) else value


def _named(path: Path, key: str, field: Field, table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Sections of one kind, each under a name of its own."""
    default = get_args(field.kind)[1]()
    for name, section in table.items():
        where = f"{key}.{name}"
        for check in field.checks:
            if objection := check.objection(name):
                raise SettingsError(path, where, objection)
        if not isinstance(section, dict):
            raise SettingsError(path, where, f"{section!r} is not a section")
        yield name, _section(path, f"{where}.", default, section)


WORDS = {str: "a text in quotes", int: "a whole number", bool: "true or false", Path: "a path in quotes"}
WRITTEN = {Path: str}
"""As what a kind is written in TOML, where it isn't written as itself."""


def _wrong_type(kind: Any, value: object) -> str:  # noqa: ANN401 - a type or a Literal
    if get_origin(kind) is Literal:
        return "" if value in get_args(kind) else f"{value!r} is none of {', '.join(get_args(kind))}"
    # bool is an int to Python, but not to somebody who writes `port = true`
    fits = isinstance(value, WRITTEN.get(kind, get_origin(kind) or kind)) and isinstance(value, bool) == (kind is bool)
    return "" if fits else f"{value!r} is not {WORDS.get(kind, 'a section')}"


def sample(settings: Settings) -> str:
    """The annotated settings file that says what `settings` says."""
    head = "# ICONet's settings, each with its default. An unknown key is an error, not a surprise.\n"
    return head + "".join(_lines(settings)) + "".join(_sections(settings))


def _lines(section: DataclassInstance) -> Iterator[str]:
    for field in settings_of(type(section)):
        value = getattr(section, field.name)
        if not hasattr(value, "__dataclass_fields__") and not isinstance(value, dict):
            yield f"\n# {field.sentence}\n{field.name} = {json.dumps(value, default=str)}\n"


def _sections(settings: Settings) -> Iterator[str]:
    for field in settings_of(type(settings)):
        value = getattr(settings, field.name)
        if hasattr(value, "__dataclass_fields__"):
            yield f"\n\n# {field.sentence}\n[{field.name}]\n" + "".join(_lines(value))
        elif isinstance(value, dict):
            yield f"\n\n# {field.sentence}\n" + "".join(_example(field))


def _example(field: Field) -> Iterator[str]:
    """A section of one kind, commented out."""
    name = "example.org" if HOST_NAME in field.checks else "xx"
    yield f'# [{field.name}."{name}"]\n'
    for line in "".join(_lines(get_args(field.kind)[1]())).splitlines():
        yield f"# {line}".rstrip() + "\n"
