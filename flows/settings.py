"""What holds for this run of Runut, and who said so.

The command line speaks first, then the environment (`RUNUT_…`), then `./runut.toml`, then the
defaults written here. Nothing below the command line reads the environment on its own.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError

from eventlog.definition_parts import known_timezone
from eventlog.errors import UsageError

PREFIX = "RUNUT_"
FILE_NAME = "runut.toml"
DEFAULT = "default"
# Read by tests and by the error handler, not settings of a run.
_NOT_SETTINGS = frozenset(
    {"RUNUT_DEBUG", "RUNUT_DATA", "RUNUT_CACHE", "RUNUT_TEST_BROKER", "RUNUT_TEST_SCHEDULER"}
)
OFF = "off"


def _addresses(text: str) -> str:
    for part in text.split(","):
        host, colon, port = part.strip().rpartition(":")
        if not (host and colon and port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004 (ports are 16 bits)
            raise ValueError('expected host:port[,host:port], e.g. "localhost:9092"')
    return text


def _cron(text: str) -> str:
    if text != OFF and len(text.split()) != 5:  # noqa: PLR2004 (minute to weekday)
        raise ValueError('expected five cron fields, e.g. "0 5 * * mon-fri", or "off"')
    return text


def _web_address(secret: SecretStr | None) -> SecretStr | None:
    text = "" if secret is None else secret.get_secret_value().strip()
    if secret is not None and not text.startswith(("http://", "https://")):
        raise ValueError('expected a web address, e.g. "https://hooks.example/permits"')
    return secret


def _apprise_addresses(secret: SecretStr | None) -> SecretStr | None:
    words = ["://"] if secret is None else secret.get_secret_value().split()
    if not all("://" in word for word in words):
        raise ValueError('expected addresses such as "mailtos://user:password@mail.example"')
    return secret


def _listens_on(text: str) -> str:
    if text != OFF and not _is_address(text):
        raise ValueError('expected host:port, e.g. "127.0.0.1:9464", or "off"')
    return text


def _serves_on(text: str) -> str:
    if not _is_address(text):
        raise ValueError('expected host:port, e.g. "127.0.0.1:8080"')
    return text


def _is_address(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    return bool(host and colon and port.isdecimal()) and int(port) < 65536  # noqa: PLR2004 (ports are 16 bits)


def host_and_port(address: str) -> tuple[str, int]:
    """The two parts of an address to listen on, as the settings hold it.

    >>> host_and_port("127.0.0.1:8080"), host_and_port("[::1]:0")
    (('127.0.0.1', 8080), ('::1', 0))
    """
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


Cron = Annotated[str, AfterValidator(_cron)]
# Addresses may hold passwords. The validator stands outside: `_secrets` looks at what is inside.
WebAddress = Annotated[SecretStr | None, AfterValidator(_web_address)]
AppriseAddresses = Annotated[SecretStr | None, AfterValidator(_apprise_addresses)]


class Settings(BaseModel):
    """Everything that may differ between one place where Runut runs and another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kafka: Annotated[str, AfterValidator(_addresses)] = "localhost:9092"
    kafka_client: Literal["kafka-python", "confluent-kafka"] = "kafka-python"
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: Path | None = None
    kafka_ssl_certfile: Path | None = None
    kafka_ssl_keyfile: Path | None = None
    kafka_ssl_password: SecretStr | None = None
    lake: str | None = None
    s3_endpoint: str | None = None
    s3_region: str | None = None
    s3_access_key_id: str | None = None
    s3_secret_access_key: SecretStr | None = None
    process: str | None = None
    results: Path | None = None
    key_file: Path = Path("~/.config/runut/pseudonym.key")
    report_url: str | None = None
    alerts_topic: str = "permit.alerts"
    alerts_webhook: WebAddress = None
    alerts_alertmanager: WebAddress = None
    alerts_apprise: AppriseAddresses = None
    operations_address: Annotated[str, AfterValidator(_listens_on)] = "127.0.0.1:9464"
    log: Literal["auto", "text", "json", "off"] = "auto"
    serve_address: Annotated[str, AfterValidator(_serves_on)] = "127.0.0.1:8080"
    serve_public_url: str | None = None
    serve_trusted: str | None = None
    serve_tokens: Path | None = None
    serve_proxy_roles: str | None = None
    serve_proxy_user_header: str = "X-Forwarded-User"
    serve_proxy_groups_header: str = "X-Forwarded-Groups"
    serve_oidc_issuer: str | None = None
    serve_oidc_client_id: str | None = None
    serve_oidc_client_secret: SecretStr | None = None
    serve_oidc_roles: str | None = None
    serve_oidc_claim: str = "groups"
    serve_oidc_name_claim: str = "preferred_username"
    serve_oidc_scope: str = "openid profile"
    serve_otherwise: Literal["refused", "viewer", "analyst"] = "refused"
    serve_session_secret: SecretStr | None = None
    serve_audit_log: Path = Path("~/.local/state/runut/audit.jsonl")
    serve_source_url: str | None = None
    schedule_ingest: Cron = "*/10 * * * *"
    schedule_mine: Cron = "0 5 * * *"
    schedule_tidy: Cron = "0 3 * * sun"
    schedule_timezone: Annotated[str, AfterValidator(known_timezone)] | None = None


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The settings of this run, where each came from, and what was odd about it.

    `origins` has every setting's name: "command line", "environment RUNUT_LAKE", "runut.toml",
    "default"; `warnings` are lines for a person.
    """

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    def masked(self) -> dict[str, str | None]:
        """Every setting as text; a secret shows only that there is one."""
        values = self.settings.model_dump()
        return {name: None if value is None else str(value) for name, value in values.items()}


def settle(flags: Mapping[str, object], *, environment: Mapping[str, str], folder: Path) -> Settled:
    """Lay command line over environment over `folder/runut.toml` over defaults.

    `flags` are settings by name as the command line gave them; None stands for not given.
    UsageError names every key or value that is wrong, and where it stands.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, DEFAULT)
    for name, (value, origin) in {
        **_from_file(folder / FILE_NAME),
        **_from_environment(environment),
        **{n: (v, "command line") for n, v in flags.items() if v is not None},
    }.items():
        values[name] = value
        origins[name] = origin
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        lines = [_worded(problem, origins) for problem in error.errors()]
        raise UsageError("\n".join(lines)) from error
    warnings = tuple(_strange_variables(environment))
    return Settled(settings=settings, origins=origins, warnings=warnings)


def _secrets() -> frozenset[str]:
    return frozenset(
        name
        for name, field in Settings.model_fields.items()
        if SecretStr in getattr(field.annotation, "__args__", ())
    )


def _from_file(path: Path) -> dict[str, tuple[Any, str]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path.name}: not valid TOML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as a UTF-8 text: {error}") from error
    known = set(Settings.model_fields) | {f"{name}_file" for name in _secrets()}
    strange = [key for key in content if key not in known]
    if strange:
        raise UsageError("\n".join(_unknown(key, path.name, sorted(known)) for key in strange))
    given = {name: (value, path.name) for name, value in content.items()}
    return _with_secret_files(given, label=lambda key: f"{path.name}: {key}")


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    names = [*Settings.model_fields, *(f"{name}_file" for name in _secrets())]
    given = {
        name: (environment[variable], f"environment {variable}")
        for name in names
        # An empty variable is how compose files and shells say "not given".
        if environment.get(variable := PREFIX + name.upper())
    }
    return _with_secret_files(given, label=lambda key: PREFIX + key.upper())


def _with_secret_files(given: dict[str, tuple[Any, str]], *, label: Any) -> dict[str, Any]:
    """Replace `x_file` by the secret `x` that stands in that file."""
    for name in _secrets():
        beside = f"{name}_file"
        if beside not in given:
            continue
        path, origin = given.pop(beside)
        if name in given:
            raise UsageError(f"give either {label(name)} or {label(beside)}, not both")
        try:
            secret = Path(path).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError, TypeError) as error:
            raise UsageError(
                f'{label(beside)} is "{path}", which cannot be read: {error}'
            ) from error
        given[name] = (secret, f"{origin} ({beside})" if origin == FILE_NAME else origin)
    return given


def _strange_variables(environment: Mapping[str, str]) -> list[str]:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in _secrets()}
    strange = sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name not in known | _NOT_SETTINGS
    )
    return [_unknown(name, "environment", sorted(known)) + " (ignored)" for name in strange]


def _unknown(key: str, where: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(key, known, n=1)
    hint = f'did you mean "{nearest[0]}"?' if nearest else "`runut settings` lists what there is"
    return f"{where}: {key} is not a setting; {hint}"


def _worded(problem: Any, origins: Mapping[str, str]) -> str:
    name = str(problem["loc"][0])
    message = problem["msg"].removeprefix("Value error, ")
    value = "given" if name in _secrets() else f'"{problem["input"]}"'
    origin = origins.get(name, DEFAULT)
    return f"{origin}: {name} is {value}; {message[0].lower()}{message[1:]}"
