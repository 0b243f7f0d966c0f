"""Where the parts are put together: settings in; process definition, lake, key and broker out.

Everything else gets what it needs handed in; only this module knows where things come from.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import SecretStr

from eventlog.errors import UsageError
from flows.options import Engine
from flows.settings import Settings

if TYPE_CHECKING:
    from connectors.broker import KafkaSettings
    from connectors.contracts import Sink, Source
    from engine.seeing import Look
    from eventlog.definition import Definition
    from eventlog.lake import Lake
    from miners.procedure.bpmn import Procedure

# Beside the tables of a lake that was imported without a process file: what was guessed.
GUESSED = "process.yaml"


def definition_folders(here: Path) -> list[Path]:
    """Where a process is looked up by name: below `here`, then among those shipped."""
    return [here / "config" / "processes", shipped_processes()]


def shipped_processes() -> Path:
    """The process files that came with Runut: beside the packages, in a wheel and in a checkout."""
    root = Path(__file__).resolve().parents[1]
    in_wheel = root / "runut_config" / "processes"
    return in_wheel if in_wheel.is_dir() else root / "config" / "processes"


def definition(settings: Settings, *, here: Path) -> "Definition":
    """The process definition that holds: the one named, else what was guessed for the lake.

    UsageError when neither is there, and for everything that is wrong in the file.
    """
    found = definition_if_any(settings, here=here)
    if found is None:
        raise UsageError(
            "which process? Name one with --process, e.g. --process building-permit; known are "
            f"{', '.join(known_processes(here))}"
        )
    return found


def definition_if_any(settings: Settings, *, here: Path) -> "Definition | None":
    """As `definition`, but None when there is neither a name nor a guess."""
    return _read(settings, here=here)[0]


def definition_and_drawing(
    settings: Settings, *, here: Path
) -> "tuple[Definition, Procedure | None]":
    """As `definition`, with the BPMN file that it names; None where it names none."""
    found, drawn = _read(settings, here=here)
    return found or definition(settings, here=here), drawn


def _read(settings: Settings, *, here: Path) -> "tuple[Definition | None, Procedure | None]":
    """The process file and its drawing, each read once; UsageError for what is wrong in either."""
    # reading process files brings pydantic and the world's holidays: half a second
    from eventlog.definition_file import load  # noqa: PLC0415
    from flows.drawn import drawn_procedure  # noqa: PLC0415

    path = process_file(settings, here=here)
    if path is None:
        return None, None
    found = load(path)
    return found, drawn_procedure(found, path)


def process_file(settings: Settings, *, here: Path) -> Path | None:
    """Where the process definition is: the one named, else what was guessed for the lake."""
    from eventlog.definition_file import find  # noqa: PLC0415 (as above)

    if settings.process is not None:
        return find(settings.process, definition_folders(here))
    guessed = guessed_file(settings)
    return guessed if guessed is not None and guessed.is_file() else None


def known_processes(here: Path) -> list[str]:
    """The names that `--process` can look up."""
    return sorted(
        {path.stem for folder in definition_folders(here) for path in folder.glob("*.yaml")}
    )


def guessed_file(settings: Settings) -> Path | None:
    """Where the guess for this lake is kept; None for lakes on object storage."""
    if settings.lake is None or "://" in settings.lake:
        return None
    return Path(settings.lake) / GUESSED


def place_of_guess(settings: Settings) -> Path:
    """Where a guess for this lake will be kept; UsageError for lakes on object storage."""
    path = guessed_file(settings)
    if path is None:
        raise UsageError(
            f"the lake {settings.lake} is on object storage, where guesses are not kept; "
            "give --process"
        )
    return path


def keep_guess(settings: Settings, guess: "Definition") -> Path:
    """Write the guessed definition beside the lake's tables, as a file that people may edit."""
    path = place_of_guess(settings)
    content = guess.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"# Guessed by `runut import`; copy it to config/processes and say more there.\n{text}",
        encoding="utf-8",
    )
    return path


def lake_address(settings: Settings) -> str:
    """The address of the lake; UsageError when nobody named one."""
    if settings.lake is None:
        raise UsageError("which lake? Name its folder with --lake, or set RUNUT_LAKE")
    return settings.lake


def results_folder(settings: Settings) -> Path:
    """The folder of results; UsageError when nobody named one."""
    if settings.results is None:
        raise UsageError("where to? Name the folder of results with --out, or set RUNUT_RESULTS")
    return settings.results


def open_lake(settings: Settings) -> "Lake":
    """The lake, which must be there."""
    from eventlog.lake import Lake  # noqa: PLC0415 (brings Delta Lake and Arrow: half a second)

    return Lake.open(lake_address(settings), storage_options=storage_options(settings))


def storage_options(settings: Settings) -> dict[str, str]:
    """How to get into an object store, in the words that Delta Lake knows.

    What is not set is left to its own search: AWS_… variables, then the machine's role.
    """
    secret = settings.s3_secret_access_key
    options = {
        "AWS_ENDPOINT_URL": settings.s3_endpoint,
        "AWS_REGION": settings.s3_region,
        "AWS_ACCESS_KEY_ID": settings.s3_access_key_id,
        "AWS_SECRET_ACCESS_KEY": None if secret is None else secret.get_secret_value(),
    }
    # Delta Lake refuses an address without encryption unless it is told once more.
    endpoint = settings.s3_endpoint or os.environ.get("AWS_ENDPOINT_URL", "")
    if endpoint.startswith("http://"):
        options["AWS_ALLOW_HTTP"] = "true"
    return {name: value for name, value in options.items() if value is not None}


@contextmanager
def look(engine: Engine, *, memory: str | None, master: str | None) -> "Iterator[Look]":
    """How the lake is looked at; UsageError for what the engine cannot heed."""
    if engine is Engine.SPARK:
        if memory is not None:
            raise UsageError(
                "--memory bounds this machine alone; with --engine spark, give Spark's own "
                "settings, e.g. spark.executor.memory in spark-defaults.conf"
            )
        from engine.spark import OnSpark, session  # noqa: PLC0415 (numba and pandas take seconds)

        with session(master) as spark:
            yield OnSpark(spark=spark)
        return
    if master is not None:
        raise UsageError(f'--master is "{master}", but only --engine spark has a master')
    from engine.seeing import InSlices  # noqa: PLC0415 (as above)
    from engine.slices import parse_memory  # noqa: PLC0415 (as above)

    yield InSlices(memory=None if memory is None else parse_memory(memory))


def kafka(settings: Settings) -> "KafkaSettings":
    """Where the brokers are and how they are spoken to."""
    from connectors.broker import KafkaSettings  # noqa: PLC0415 (brings the client: half a second)

    def text(value: Path | None) -> str | None:
        return None if value is None else str(value.expanduser())

    def secret(value: SecretStr | None) -> str | None:
        return None if value is None else value.get_secret_value()

    return KafkaSettings(
        bootstrap=settings.kafka,
        security_protocol=settings.kafka_security_protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        sasl_username=settings.kafka_sasl_username,
        sasl_password=secret(settings.kafka_sasl_password),
        ssl_cafile=text(settings.kafka_ssl_cafile),
        ssl_certfile=text(settings.kafka_ssl_certfile),
        ssl_keyfile=text(settings.kafka_ssl_keyfile),
        ssl_password=secret(settings.kafka_ssl_password),
    )


def source(settings: Settings, process: "Definition") -> "Source":
    """The topic that the process names, read as a member of its group."""
    brokers, named = kafka(settings), process.source
    if settings.kafka_client == "confluent-kafka":
        from connectors.confluent import ConfluentSource  # noqa: PLC0415 (an optional extra)

        return ConfluentSource(brokers, topic=named.topic, group=named.group)
    from connectors.kafka import KafkaSource  # noqa: PLC0415 (as above)

    return KafkaSource(brokers, topic=named.topic, group=named.group)


def sink(settings: Settings, topic: str, *, named_in: str) -> "Sink":
    """A topic to send to; `named_in` is where a person gave it its name."""
    from connectors.kafka_sink import KafkaSink  # noqa: PLC0415 (brings the client: half a second)

    return KafkaSink(kafka(settings), topic=topic, named_in=named_in)


def open_or_make_lake(settings: Settings, process: "Definition") -> "Lake":
    """The lake of this process, made when it is not there yet."""
    from eventlog.lake import Lake  # noqa: PLC0415 (as above)

    return Lake.create(
        lake_address(settings),
        process=process.process,
        case_attributes=process.case_attributes,
        storage_options=storage_options(settings),
    )


def require_same_process(lake: "Lake", process: "Definition") -> None:
    """UsageError when the lake holds another process than the definition describes."""
    if lake.process != process.process:
        raise UsageError(
            f'the lake holds "{lake.process}", but the process file describes '
            f'"{process.process}"; one lake holds one process'
        )


def pseudonym_key(settings: Settings, process: "Definition") -> bytes:
    """The key for pseudonyms, made on first use; empty where the process replaces no names."""
    return alert_key(settings) if process.privacy.pseudonymise else b""


def alert_key(settings: Settings) -> bytes:
    """The same key, made on first use: cases leave in alerts under pseudonyms."""
    from eventlog.pseudonym import read_or_make_key  # noqa: PLC0415 (brings Arrow: half a second)

    path = settings.key_file.expanduser()
    lake = settings.lake
    if (
        lake is not None
        and "://" not in lake
        and path.resolve().is_relative_to(Path(lake).resolve())
    ):
        raise UsageError(
            f"the pseudonym key {path} would lie inside the lake {lake}, where whoever copies the "
            "lake would copy it too; set RUNUT_KEY_FILE to a place outside"
        )
    return read_or_make_key(path)


def process_reference(settings: Settings, *, here: Path) -> str:
    """How a job that runs later, perhaps elsewhere, names the process: a name or a whole path."""
    if settings.process is None:
        definition(settings, here=here)  # says what is missing when there is no guess either
        guessed = guessed_file(settings)
        assert guessed is not None
        return str(guessed.resolve())
    given = Path(settings.process).expanduser()
    is_path = given.suffix in {".yaml", ".yml"} or given.parent != Path()
    return str((here / given).resolve()) if is_path else settings.process


def absolute(address: str) -> str:
    """A folder as a whole path; an address such as s3://… as it is."""
    return address if "://" in address else str(Path(address).expanduser().resolve())
