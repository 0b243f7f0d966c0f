"""docker-compose.yml and Dockerfile can be trusted, though no container engine runs here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from compose_spec import PyCompose

from flows.settings import settle

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE)["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
RUNUT = {
    name: [str(word) for word in service["command"][1:]]
    for name, service in SERVICES.items()
    if str(service.get("image")).startswith("runut:")
}


def check(text):
    """Raise ValueError where the file breaks the compose specification (merge keys laid out)."""
    return PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(text)))


def locked(package, lock="requirements-run.lock"):
    found = re.search(rf"^{package}==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
    return found and found[1]


def test_the_file_keeps_the_compose_specification():
    assert set(check(COMPOSE).services) == set(SERVICES)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("healthcheck:", "healthchek:"),
        ("condition: service_healthy", "condition: service_healthier"),
        ("restart: unless-stopped", "restart: unles-stopped"),
    ],
)
def test_the_check_of_the_specification_sees_a_mistake(right, wrong):
    assert right in COMPOSE
    with pytest.raises(ValueError, match="services"):
        check(COMPOSE.replace(right, wrong, 1))


def test_whatever_a_service_leans_on_is_there():
    volumes = yaml.safe_load(COMPOSE)["volumes"]
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], f"{name} waits for the health of {other}"
        for mount in service.get("volumes", []):
            source, _, *how = mount.split(":")
            if source.startswith("./"):
                assert (ROOT / source).is_file(), f"{name}: {mount}"
                assert how == ["ro"], f"{name} may write into {source}"
            else:
                assert source in volumes, f"{name}: {mount}"
        for secret in service.get("secrets", []):
            assert secret in yaml.safe_load(COMPOSE)["secrets"], f"{name}: {secret}"


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_pinned_tag(name):
    image, _, tag = SERVICES[name]["image"].partition(":")
    assert re.search(r"\d+\.\d+", tag), f"{image} has tag {tag!r}"


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_or_says_why_not(name):
    service = SERVICES[name]
    assert ("healthcheck" in service) != bool(service.get("x-no-healthcheck"))


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_to_this_machine_only(name):
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:")


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_the_environment_or_a_file_and_must_be_there(name):
    for key, value in SERVICES[name].get("environment", {}).items():
        if str(value).startswith("/run/secrets/"):
            assert Path(value).name in SERVICES[name]["secrets"]
        elif key == "RUNUT_SERVE_SESSION_SECRET":  # one is drawn at each start where none is given
            assert value == "${RUNUT_SERVE_SESSION_SECRET:-}"
        elif re.search(r"PASSWORD|AUTH|SECRET|TOKEN|ENCRYPTION", key):
            assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", str(value)), key
        # and none inside an address
        assert not re.search(r"://[^/@:]*:[^$/][^@/]*@", str(value)), key


def test_the_example_explains_every_variable_and_fills_in_none():
    wanted = set(re.findall(r"\$\{(\w+)", COMPOSE))
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(given) == wanted
    assert not any(given.values())


def test_where_no_addresses_are_given_alerts_go_nowhere_else_than_to_the_topic():
    empty = {
        key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value))
        for key, value in SERVICES["watch"]["environment"].items()
        if key.startswith("RUNUT_ALERTS_")
    }
    file = yaml.safe_load(COMPOSE)["secrets"]["alerts_apprise"]["file"]
    empty["RUNUT_ALERTS_APPRISE_FILE"] = file.partition(":-")[2].rstrip("}")
    settings = settle({}, environment=empty, folder=ROOT).settings
    assert (settings.alerts_topic, settings.alerts_webhook) == ("permit.alerts", None)
    assert settings.alerts_alertmanager is None
    assert settings.alerts_apprise.get_secret_value() == ""


def test_a_watch_is_asked_where_it_answers_and_prometheus_asks_there_too():
    watch = SERVICES["watch"]
    port = watch["environment"]["RUNUT_OPERATIONS_ADDRESS"].rpartition(":")[2]
    assert f"127.0.0.1:{port}/health" in watch["healthcheck"]["test"][-1]
    assert "ports" not in watch
    scraped = yaml.safe_load((ROOT / "config" / "operations" / "prometheus.yml").read_text())
    assert scraped["scrape_configs"][0]["static_configs"] == [{"targets": [f"watch:{port}"]}]
    for where in scraped["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]:
        assert where.partition(":")[0] in SERVICES


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git clone")
def test_git_ignores_the_file_of_secrets():
    assert (
        subprocess.run(["git", "check-ignore", "-q", ".env"], cwd=ROOT, check=False).returncode == 0
    )


def test_versions_are_those_of_the_tests_and_of_the_lock():
    pom = ET.parse(ROOT / "tests" / "broker" / "pom.xml")
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{pom.find('.//{*}kafka.version').text}"
    assert SERVICES["prefect"]["image"].startswith(
        f"prefecthq/prefect:{locked('prefect')}-python3."
    )
    for name in re.findall(
        r"^[a-z][a-z0-9_.-]*(?===)", (ROOT / "requirements-run.lock").read_text()
    ):
        assert locked(name) == locked(name, "requirements.lock"), name


@pytest.mark.parametrize("name", RUNUT)
def test_every_runut_command_exists_with_its_options(name):
    command, *rest = RUNUT[name]
    program = shutil.which("runut", path=Path(sys.executable).parent)
    asked = [str(program), command, "--help"]
    wide = {**os.environ, "COLUMNS": "200"}  # narrow help cuts words
    told = subprocess.run(asked, capture_output=True, text=True, check=False, env=wide)
    assert told.returncode == 0, told.stderr
    for option in [word for word in rest if word.startswith("--")]:
        assert re.search(rf"{option}\b", told.stdout), f"`runut {command}` has no {option}"


def test_the_image_copies_what_exists_and_runs_without_root():
    sources = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for word in line.split()[:-1]
    ]
    allowed = (ROOT / ".dockerignore").read_text().splitlines()
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in allowed, f".dockerignore keeps {source} from the build"
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users[-1:] == ["runut"]
    for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE):
        assert re.search(r":\d+\.\d+\.\d+", image), image
