"""A proxy's word counts only if it is the office's own proxy that says it."""

import pytest

from eventlog.errors import UsageError
from web.access.doors import AccessConfig, ProxySettings, open_doors
from web.access.proxy import parse_role_map
from web.access.trust import parse_networks


class TestProxy:
    """A proxy's word counts only if it is the office's own proxy that says it."""

    ROLES = "permit-audit=auditor, reform=analyst"

    def config(self, otherwise="refused", **more):
        roles = parse_role_map(self.ROLES, otherwise)
        networks = parse_networks("10.1.0.0/16, ::1")
        return {
            "listens": "0.0.0.0",
            "trusted": networks,
            "proxy": ProxySettings(roles=roles),
        } | more

    def ask(self, office, headers, *, client="10.1.2.3", otherwise="refused"):
        pages = office(**self.config(otherwise))
        return pages.get("/view", client=client, headers=headers, at="http://permits.example")

    def test_it_says_who_asks_and_with_which_role(self, office):
        headers = {"x-forwarded-user": "siti", "x-forwarded-groups": "staff, permit-audit,reform"}
        assert self.ask(office, headers).text.startswith("siti AUDITOR proxy")

    def test_from_anywhere_else_the_same_headers_are_nothing(self, office):
        headers = {"x-forwarded-user": "siti", "x-forwarded-groups": "permit-audit"}
        for client in ("10.2.0.1", "127.0.0.1", "8.8.8.8", ""):
            assert self.ask(office, headers, client=client).status_code == 401

    def test_without_a_known_group_the_setting_decides(self, office):
        headers = {"x-forwarded-user": "budi", "x-forwarded-groups": "canteen"}
        assert self.ask(office, headers).status_code == 401
        assert self.ask(office, headers, otherwise="viewer").text.startswith("budi VIEWER proxy")

    @pytest.mark.parametrize("name", ["x-forwarded-user", "x-forwarded-groups"])
    def test_a_header_that_comes_twice_is_not_believed(self, office, name):
        headers = [("x-forwarded-user", "siti"), ("x-forwarded-groups", "reform"), (name, "more")]
        assert self.ask(office, headers).status_code == 401

    def test_an_accent_in_a_name_arrives(self, office):
        headers = {b"x-forwarded-user": "Zoë".encode(), b"x-forwarded-groups": b"reform"}
        assert self.ask(office, headers).text.startswith("Zoë ANALYST")

    def test_the_scheme_and_the_client_are_what_the_proxy_says(self):
        doors = open_doors(AccessConfig(**self.config()))
        headers = {"x-forwarded-proto": "https", "x-forwarded-for": "6.6.6.6, 8.8.8.8, 10.1.0.7"}
        scope = self.scope("10.1.2.3", headers)
        seen = doors.trust.seen(scope, private=doors.private_headers)
        assert (seen["scheme"], seen["client"][0], seen["headers"]) == ("https", "8.8.8.8", [])
        seen = doors.trust.seen(self.scope("9.9.9.9", headers))
        assert (seen["scheme"], seen["client"][0], seen["headers"]) == ("http", "9.9.9.9", [])

    @staticmethod
    def scope(client, headers):
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return {"type": "http", "scheme": "http", "client": (client, 1), "headers": pairs}

    def test_further_in_nobody_sees_what_proxies_said(self):
        doors = open_doors(AccessConfig(**self.config()))
        headers = {"x-forwarded-user": "siti", "x-real-ip": "1.1.1.1", "accept": "text/html"}
        seen = doors.trust.seen(self.scope("6.6.6.6", headers), private=doors.private_headers)
        assert seen["headers"] == [(b"accept", b"text/html")]

    def test_a_proxy_must_be_named_and_everybody_is_none(self):
        with pytest.raises(UsageError, match="RUNUT_SERVE_TRUSTED"):
            AccessConfig(**self.config(trusted=()))
        for text in ("0.0.0.0/0", "::/0"):
            with pytest.raises(UsageError, match="is everybody"):
                parse_networks(text)
        with pytest.raises(UsageError, match="not a network"):
            parse_networks("10.0.0.0/8, proxy.example")

    @pytest.mark.parametrize("text", ["staff", "=viewer", "staff=boss", ""])
    def test_a_role_map_that_is_none_is_refused(self, text):
        with pytest.raises(UsageError, match=r"expected|nobody could get in"):
            parse_role_map(text, "refused")
