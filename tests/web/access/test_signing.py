"""A token may be typed into a page; the session that begins is the browser's own."""

import asyncio
import re

import pytest

from web.access.attempts import Attempts
from web.access.forms import safe_next
from web.access.roles import Person, Role
from web.access.tokens import new_token
from web.access.trust import parse_networks


class TestSignIn:
    """A token may be typed into a page; the session that begins is the browser's own."""

    @staticmethod
    def word(text):
        return re.search(r'name="form_token" value="(\w+)"', text)[1]

    async def sign_in(self, browser, secret, target="/view", **headers):
        page = await browser.get(f"/sign-in?next={target}")
        fields = {"form_token": self.word(page.text), "token": secret, "next": target}
        return await browser.post("/sign-in", data=fields, headers=headers)

    @pytest.fixture
    def pages(self, office, tmp_path):
        line, self.secret = new_token("ministry", Role.ANALYST)
        self.path = tmp_path / "tokens"
        self.path.write_text(line)
        return office(tokens=self.path, trusted=parse_networks("10.1.2.3"))

    def test_signing_in_and_out(self, pages):
        async def story():
            async with pages.browser(client="10.0.0.9") as browser:
                welcome = await self.sign_in(browser, self.secret, "/analyse")
                assert (welcome.status_code, welcome.headers["location"]) == (303, "/analyse")
                cookie = welcome.headers["set-cookie"]
                assert "HttpOnly" in cookie
                assert "samesite=lax" in cookie.lower()
                assert "Secure" not in cookie
                assert "Max-Age=28800" in cookie
                inside = await browser.get("/analyse")
                assert inside.text.startswith("ministry ANALYST token")
                kept = browser.cookies["runut_session"]
                out = await browser.post("/sign-out", data={"form_token": inside.text.split()[-1]})
                assert out.status_code == 200
                assert (await browser.get("/view")).status_code == 401
                # A copy of the cookie is of no use either.
                browser.cookies.set("runut_session", kept)
                assert (await browser.get("/view")).status_code == 401

        asyncio.run(story())

    def test_behind_https_the_cookie_is_for_https_alone_and_for_this_folder(self, pages):
        async def story():
            around = {"client": "10.1.2.3", "at": "http://permits.example", "root": "/runut"}
            async with pages.browser(**around) as browser:
                browser.headers["x-forwarded-proto"] = "https"
                page = await browser.get("/runut/sign-in")
                fields = {"form_token": self.word(page.text), "token": self.secret, "next": "/view"}
                # The jar of the browser would not send a Secure cookie back over its http.
                form = re.search(r"runut_form=([^;]+)", page.headers["set-cookie"])[1]
                welcome = await browser.post(
                    "/runut/sign-in", data=fields, headers={"cookie": f"runut_form={form}"}
                )
                assert welcome.headers["location"] == "/runut/view"
                assert "; Secure" in welcome.headers["set-cookie"]
                assert "Path=/runut" in welcome.headers["set-cookie"]
                assert 'action="/runut/sign-in"' in page.text

        asyncio.run(story())

    def test_a_wrong_token_leads_back_and_after_some_to_a_pause(self, pages):
        async def story():
            async with pages.browser(client="6.6.6.6") as browser:
                for _ in range(pages.doors.attempts.most):
                    answer = await self.sign_in(browser, "runut_wrong")
                    assert answer.status_code == 403
                    assert "This token is not known" in answer.text
                    assert "runut_wrong" not in answer.text
                assert (await self.sign_in(browser, self.secret)).status_code == 429

        asyncio.run(story())

    def test_a_form_made_for_one_browser_is_no_use_in_another(self, pages):
        async def story():
            async with pages.browser() as mine, pages.browser() as theirs:
                page = await mine.get("/sign-in")
                await theirs.get("/sign-in")
                fields = {"form_token": self.word(page.text), "token": self.secret}
                assert (await theirs.post("/sign-in", data=fields)).status_code == 403

        asyncio.run(story())

    @pytest.mark.parametrize(
        "cookie", ["", "x.y.z", "WyJtaW5pc3RyeSIsICJBVURJVE9SIiwgInRva2VuIiwgIngiXQ.aaaa.bbbb"]
    )
    def test_a_made_up_session_is_none(self, pages, cookie):
        headers = {"cookie": f"runut_session={cookie}"}
        assert pages.get("/view", headers=headers).status_code == 401

    def test_a_new_secret_ends_all_sessions(self, office, pages):
        cookie = pages.doors.sessions.cookie(
            Person(name="ministry", role=Role.ANALYST, how="token")
        )
        headers = {"cookie": f"runut_session={cookie}"}
        assert pages.get("/view", headers=headers).status_code == 200
        assert office(tokens=self.path).get("/view", headers=headers).status_code == 401

    @pytest.mark.parametrize(
        "target",
        ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)",
         "\\/evil.example", "/a\nb", "", "/\t/evil.example"],
    )  # fmt: skip
    def test_nobody_is_sent_elsewhere_after_signing_in(self, target):
        assert safe_next(target) == "/"


def test_attempts_are_forgotten_in_time_and_bounded_in_number():
    now = [0.0]
    attempts = Attempts(most=2, addresses=3, clock=lambda: now[0])
    for client in ("a", "a", "2001:db8::1", "2001:db8::2"):
        attempts.failed(client)
    assert [attempts.wait(client) for client in ("a", "2001:db8::3", "b")] == [600, 600, 0]
    now[0] = 599.6
    assert attempts.wait("a") == 1
    now[0] = 600.0
    assert attempts.wait("a") == 0
    for number in range(10):
        attempts.failed(f"10.0.0.{number}")
    assert len(attempts._failed) == 3
