"""What holds is what the command line says, then the environment, the file, the defaults."""

import pytest

from eventlog.errors import UsageError
from flows.settings import Settings, settle


def test_the_command_line_outweighs_the_environment_and_that_the_file(tmp_path):
    (tmp_path / "runut.toml").write_text('lake = "f"\nprocess = "f"\nresults = "f"\n')
    environment = {"RUNUT_LAKE": "e", "RUNUT_PROCESS": "e"}
    found = settle({"lake": "c", "process": None}, environment=environment, folder=tmp_path)
    settings = found.settings
    assert (settings.lake, settings.process, str(settings.results)) == ("c", "e", "f")
    assert settings.kafka == "localhost:9092"
    assert found.origins["lake"] == "command line"
    assert found.origins["process"] == "environment RUNUT_PROCESS"
    assert found.origins["results"] == "runut.toml"
    assert found.origins["kafka"] == "default"


def test_an_empty_variable_says_nothing(tmp_path):
    assert settle({}, environment={"RUNUT_LAKE": ""}, folder=tmp_path).settings.lake is None


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_secret_may_stand_in_a_file_beside_its_name(tmp_path, where):
    (tmp_path / "password").write_text("s3cret\n")
    environment = {}
    if where == "environment":
        environment = {"RUNUT_KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password")}
    else:
        line = f'kafka_sasl_password_file = "{tmp_path / "password"}"\n'
        (tmp_path / "runut.toml").write_text(line)
    found = settle({}, environment=environment, folder=tmp_path)
    assert found.settings.kafka_sasl_password.get_secret_value() == "s3cret"
    assert "s3cret" not in str(found.masked()) + repr(found)
    assert found.masked()["kafka_sasl_password"] == "**********"


def test_a_secret_given_twice_is_refused(tmp_path):
    twice = {"RUNUT_KAFKA_SASL_PASSWORD": "a", "RUNUT_KAFKA_SASL_PASSWORD_FILE": "b"}
    with pytest.raises(UsageError, match="not both"):
        settle({}, environment=twice, folder=tmp_path)


def test_a_secret_file_that_is_not_there_is_named(tmp_path):
    gone = {"RUNUT_KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "gone")}
    with pytest.raises(UsageError, match=r"KAFKA_SASL_PASSWORD_FILE.*gone.*cannot be read"):
        settle({}, environment=gone, folder=tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('laek = "x"', 'runut.toml: laek is not a setting; did you mean "lake"'),
        ("lake = ", "runut.toml: not valid TOML"),
        ("kafka = 9092", 'runut.toml: kafka is "9092"'),
        ('schedule_mine = "daily"', "expected five cron fields"),
        ('schedule_timezone = "Jakarta"', "IANA"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_the_way_out(tmp_path, text, said):
    (tmp_path / "runut.toml").write_text(text)
    with pytest.raises(UsageError) as error:
        settle({}, environment={}, folder=tmp_path)
    assert said in str(error.value)


def test_a_wrong_secret_is_never_shown(tmp_path):
    (tmp_path / "runut.toml").write_text("kafka_sasl_password = 12345\n")
    with pytest.raises(UsageError) as error:
        settle({}, environment={}, folder=tmp_path)
    assert "12345" not in str(error.value)


def test_a_misspelt_variable_is_told_and_others_are_left_alone(tmp_path):
    environment = {"RUNUT_LAEK": "x", "RUNUT_DATA": "y", "PATH": "z"}
    (warning,) = settle({}, environment=environment, folder=tmp_path).warnings
    assert "RUNUT_LAEK" in warning
    assert 'did you mean "RUNUT_LAKE"' in warning


def test_every_wrong_setting_is_named_at_once(tmp_path):
    environment = {"RUNUT_KAFKA": "nowhere", "RUNUT_SCHEDULE_TIDY": "often"}
    with pytest.raises(UsageError) as error:
        settle({}, environment=environment, folder=tmp_path)
    assert "RUNUT_KAFKA" in str(error.value)
    assert "RUNUT_SCHEDULE_TIDY" in str(error.value)


def test_settings_never_change():
    with pytest.raises(ValueError, match="frozen"):
        Settings().lake = "other"


def test_the_command_shows_what_holds_and_where_it_came_from(runut, monkeypatch):
    monkeypatch.setenv("RUNUT_KAFKA_SASL_PASSWORD", "s3cret")
    monkeypatch.setenv("RUNUT_LAKE", "there")
    ran = runut("settings")
    assert ran.code == 0
    assert "environment RUNUT_LAKE" in next(x for x in ran.out.splitlines() if "there" in x)
    assert "s3cret" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("alerts_webhook", "https://hooks.example/s3cret", "hooks.example/s3cret"),
        ("alerts_alertmanager", "http://u:s3cret@am.example:9093", "am.example:9093/s3cret"),
        ("alerts_apprise", "mailto://u:s3cret@x.example slack://s3cret", "u:s3cret@x.example"),
    ],
)
def test_addresses_for_alerts_are_checked_and_never_shown(tmp_path, name, right, wrong):
    (tmp_path / "address").write_text(right + "\n")
    variable = f"RUNUT_{name.upper()}"
    found = settle({}, environment={f"{variable}_FILE": str(tmp_path / "address")}, folder=tmp_path)
    assert getattr(found.settings, name).get_secret_value() == right
    assert found.masked()[name] == "**********"
    assert "s3cret" not in repr(found)
    with pytest.raises(UsageError, match=f"{variable}: {name} is given; expected") as error:
        settle({}, environment={variable: wrong}, folder=tmp_path)
    assert "s3cret" not in str(error.value)
