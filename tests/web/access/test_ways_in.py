"""Who gets in by sitting at the machine, or with a token; and which settings cannot be meant."""

import asyncio
import hashlib
import os

import pytest

from eventlog.errors import StopError, UsageError
from web.access.doors import AccessConfig, open_doors
from web.access.roles import Person, Role, role_named
from web.access.tokens import Tokens, new_token
from web.access.trust import is_loopback


class TestLocal:
    """Whoever sits at the machine needs no sign-in; nobody else passes for them."""

    def test_the_one_at_the_machine_is_its_analyst(self, office):
        assert office().get("/analyse").text.startswith("local ANALYST local")
        assert office().get("/audit").status_code == 403

    @pytest.mark.parametrize("at", ["http://127.0.0.1:8000", "http://[::1]:8000"])
    def test_by_any_name_of_this_machine(self, office, at):
        assert office().get("/view", client="::1", at=at).status_code == 200

    @pytest.mark.parametrize(
        ("client", "headers"),
        [
            ("10.0.0.9", {}),
            ("127.0.0.1", {"host": "permits.evil.example"}),  # DNS rebinding
            ("127.0.0.1", {"host": "127.0.0.1.evil.example"}),
            ("127.0.0.1", {"host": ""}),
            ("127.0.0.1", {"x-forwarded-for": "10.0.0.9"}),
            ("127.0.0.1", {"x-forwarded-proto": "https"}),
            ("127.0.0.1", {"forwarded": "for=10.0.0.9"}),
            ("127.0.0.1", {"via": "1.1 proxy"}),
        ],
    )
    def test_nobody_else_passes_for_them(self, office, client, headers):
        assert office().get("/view", client=client, headers=headers).status_code == 401

    def test_not_even_through_a_proxy_that_says_nothing(self, office):
        """As nginx does unless told otherwise: HTTP/1.0, and its own address as Host."""
        sent = []

        async def send(message):
            sent.append(message)

        async def receive():
            raise NotImplementedError

        scope = {
            "type": "http", "http_version": "1.0", "method": "GET", "path": "/view",
            "query_string": b"", "headers": [(b"host", b"127.0.0.1:8000")],
            "client": ("127.0.0.1", 9), "server": ("127.0.0.1", 8000), "scheme": "http",
        }  # fmt: skip
        asyncio.run(office().app(scope, receive, send))
        assert sent[0]["status"] == 401

    def test_a_server_that_others_reach_does_not_start_without_a_way_in(self):
        with pytest.raises(StopError, match=r"0\.0\.0\.0 can be reached by others.*RUNUT_SERVE_"):
            open_doors(AccessConfig(listens="0.0.0.0"))

    def test_with_another_way_in_the_machine_itself_is_no_exception(self, office, tmp_path):
        path = tmp_path / "tokens"
        path.touch()
        assert office(tokens=path).get("/view").status_code == 401

    @pytest.mark.parametrize(
        ("host", "here"),
        [("localhost", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True),
         ("localhost.evil.example", False), ("0.0.0.0", False), ("", False), ("10.0.0.1", False)],
    )  # fmt: skip
    def test_which_hosts_are_this_machine(self, host, here):
        assert is_loopback(host) is here


class TestTokens:
    """A token is known by its digest, and forgotten as soon as its line is gone."""

    def made(self, tmp_path, role=Role.ANALYST):
        line, secret = new_token("ministry", role)
        path = tmp_path / "tokens"
        path.write_text(f"{line}  # report of the ministry\n")
        return path, secret

    def ask(self, pages, secret, path="/view", client="10.0.0.9"):
        return pages.get(path, headers={"authorization": f"Bearer {secret}"}, client=client)

    def test_the_file_holds_no_secret(self, tmp_path):
        path, secret = self.made(tmp_path)
        kept = path.read_text()
        assert secret not in kept
        assert hashlib.sha256(secret.encode()).hexdigest() in kept
        assert len(secret) >= 43

    def test_a_token_opens_and_a_changed_one_does_not(self, office, tmp_path):
        path, secret = self.made(tmp_path)
        pages = office(tokens=path)
        assert self.ask(pages, secret).text.startswith("ministry ANALYST token")
        for wrong in (secret[:-1], secret + "A", secret.lower(), "", "ministry"):
            assert self.ask(pages, wrong).status_code in {401, 429}

    def test_a_word_that_somebody_thought_up_is_no_token(self, tmp_path):
        """Its digest could be found by trying words: it does not open, even where it stands."""
        path = tmp_path / "tokens"
        digest = hashlib.sha256(b"permits2026").hexdigest()
        path.write_text(f"ministry auditor sha256:{digest}\n")
        assert Tokens(path=path).owner("permits2026") is None

    def test_a_line_taken_out_ends_the_token_and_its_sessions_at_once(self, office, tmp_path):
        path, secret = self.made(tmp_path)
        pages = office(tokens=path)
        assert self.ask(pages, secret).status_code == 200
        session = pages.doors.sessions.cookie(
            Person(name="ministry", role=Role.ANALYST, how="token")
        )
        cookie = {"cookie": f"runut_session={session}"}
        assert pages.get("/view", headers=cookie).status_code == 200
        path.write_text("# nobody\n")
        assert self.ask(pages, secret).status_code == 401
        assert pages.get("/view", headers=cookie).status_code == 401

    @pytest.mark.parametrize(
        "line",
        ["ministry analyst", "ministry boss sha256:" + "0" * 64, "ministry analyst sha256:00",
         "a viewer sha256:" + "0" * 64 + "\na viewer sha256:" + "1" * 64],
    )  # fmt: skip
    def test_a_broken_file_stops_the_start_and_says_the_line(self, tmp_path, line):
        path = tmp_path / "tokens"
        path.write_text(line)
        with pytest.raises(StopError, match=r"tokens: line \d"):
            open_doors(AccessConfig(listens="0.0.0.0", tokens=path))

    def test_a_file_broken_later_lets_nobody_in_and_tells_nobody_why(self, office, tmp_path):
        path, secret = self.made(tmp_path)
        pages = office(tokens=path)
        path.write_text("broken")
        answer = self.ask(pages, secret)
        assert answer.status_code == 503
        assert str(path) not in answer.text

    def test_guessing_is_paused_for_the_address_that_guesses(self, office, tmp_path):
        path, secret = self.made(tmp_path)
        pages = office(tokens=path)
        for _ in range(pages.doors.attempts.most):
            assert self.ask(pages, "runut_guess", client="6.6.6.6").status_code == 401
        paused = self.ask(pages, secret, client="6.6.6.6")
        assert paused.status_code == 429
        assert 0 < int(paused.headers["retry-after"]) <= 600
        assert self.ask(pages, secret, client="7.7.7.7").status_code == 200

    def test_a_name_that_breaks_the_file_is_refused(self):
        for name in ("", "two words", "a#b", "x\n"):
            with pytest.raises(UsageError, match="cannot name a token"):
                new_token(name, Role.VIEWER)
        with pytest.raises(UsageError, match="viewer, analyst, auditor"):
            role_named("boss")


@pytest.mark.parametrize(
    "config",
    [
        {"session_secret": b"short"},
        {"public_url": "permits.example"},
        {"public_url": "https://user:word@permits.example"},
        {"public_url": "https://permits.example/?x"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(config):
    with pytest.raises(UsageError, match="expected"):
        AccessConfig(listens="127.0.0.1", **config)


def test_secrets_are_not_in_what_is_printed_of_settings():
    secret = os.urandom(32)
    config = AccessConfig(listens="127.0.0.1", session_secret=secret)
    assert repr(secret) not in repr(config) + repr(open_doors(config))
