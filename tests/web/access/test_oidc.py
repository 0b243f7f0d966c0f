"""Signing in through the office's identity provider, and what is not taken from it."""

import asyncio
import time
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from eventlog.errors import UsageError
from web.access.oidc import ProviderSettings
from web.access.proxy import parse_role_map

US = "http://localhost:8000"


@pytest.fixture
def pages(office, provider):
    return office(oidc=settings(provider), listens="0.0.0.0")


def settings(provider, **changes):
    said = {
        "issuer": provider.issuer,
        "client_id": "runut",
        "client_secret": "s3cret/with+signs",
        "roles": parse_role_map("permit-audit=auditor,reform-team=analyst", "refused"),
        "claim": "realm_access.roles",
    }
    return ProviderSettings(**{**said, **changes})


def sign_in(pages, *, between=lambda _browser, back: back, target="/view", then="/view"):
    """The whole way: our page, the provider's, back to ours; the answer there, and after it."""

    async def story():
        async with pages.browser(client="10.0.0.9", at=US) as browser:
            away = await browser.get(f"/sign-in/provider?next={target}")
            if away.status_code != 303:
                return away, None
            async with httpx.AsyncClient(verify=False) as elsewhere:
                back = (await elsewhere.get(away.headers["location"])).headers["location"]
            arrived = await browser.get(between(browser, back))
            return arrived, await browser.get(then)

    return asyncio.run(story())


def test_somebody_of_the_office_gets_in_with_their_role_and_where_they_wanted_to_go(pages):
    arrived, inside = sign_in(pages, target="/analyse?paths=25")
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/analyse?paths=25")
    assert inside.text.startswith("siti ANALYST oidc")


def test_the_way_there_is_bound_to_this_browser_and_kept_from_others(pages, provider):
    sign_in(pages)
    asked = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{US}/sign-in/callback"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43


def test_the_highest_of_several_roles_counts_and_without_any_nobody_gets_in(pages, provider):
    provider.groups = ["staff", "reform-team", "permit-audit"]
    assert sign_in(pages)[1].text.startswith("siti AUDITOR")
    for groups in (["staff"], [], None, {"permit-audit": True}):
        provider.groups = groups
        arrived, inside = sign_in(pages)
        assert (arrived.status_code, inside.status_code) == (403, 401)


FAULTS = {
    "the wrong nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "for somebody else": {"aud": "another-server"},
    "for somebody else, though we asked": {"aud": "another-server", "azp": "runut"},
    "for several, and given to another": {"aud": ["runut", "other"], "azp": "other"},
    "from somebody else": {"iss": "https://evil.example"},
    "over": {"exp": int(time.time()) - 120},
    "from tomorrow": {"iat": int(time.time()) + 86_400},
    "without an end": {"exp": None},
    "of nobody": {"sub": None},
    "with another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "with a name that breaks lines": {"preferred_username": "si\nti"},
}


@pytest.mark.parametrize("claims", FAULTS.values(), ids=FAULTS)
def test_an_id_token_that_is_not_good_lets_nobody_in(pages, provider, claims):
    provider.claims = claims
    arrived, inside = sign_in(pages)
    assert (arrived.status_code, inside.status_code) == (403, 401)
    assert "siti" not in arrived.text


def test_a_signature_by_another_key_lets_nobody_in(pages, provider):
    provider.published = [provider.key.as_dict(private=False)]
    provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert sign_in(pages)[0].status_code == 403


def test_nor_does_one_by_a_word_that_is_no_secret(pages, provider):
    """The public key taken for a shared secret: the oldest trick on these tokens."""
    provider.published = [provider.key.as_dict(private=False)]
    provider.header = {"alg": "HS256"}
    provider.key = OctKey.import_key(str(provider.published[0]["n"]))
    assert sign_in(pages)[0].status_code == 403


def test_a_new_key_of_the_provider_is_fetched_but_not_for_every_wrong_one(pages, provider):
    sign_in(pages)
    pages.doors.provider._asked -= 60  # as if a minute had passed
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    provider.header = {"kid": "two"}
    assert sign_in(pages)[1].status_code == 200
    assert provider.key_requests == 2
    provider.header = {"kid": "three"}
    assert sign_in(pages)[0].status_code == 403
    assert provider.key_requests == 2


CHANGES = {
    "another state": lambda _browser, back: back.replace("state=", "state=x"),
    "no state": lambda _browser, back: back.partition("&state")[0],
    "another code": lambda _browser, back: back.replace("code-", "code-9"),
    "an error": lambda _browser, back: back.replace("code=", "error=access_denied&x="),
    "another browser": lambda browser, back: browser.cookies.clear() or back,
}


@pytest.mark.parametrize("between", CHANGES.values(), ids=CHANGES)
def test_an_answer_to_another_journey_lets_nobody_in(pages, between):
    arrived, inside = sign_in(pages, between=between)
    assert (arrived.status_code, inside.status_code) == (403, 401)


def test_an_answer_that_another_provider_sends_lets_nobody_in(pages, provider):
    provider.iss = "https://evil.example"
    assert sign_in(pages)[0].status_code == 403
    provider.iss = provider.issuer
    assert sign_in(pages)[0].status_code == 303


def test_a_journey_leads_nobody_elsewhere(pages):
    arrived, _ = sign_in(pages, target="https://evil.example")
    assert arrived.headers["location"] == "/"


def test_the_public_address_is_what_the_provider_hears(office, provider):
    pages = office(
        oidc=settings(provider), listens="0.0.0.0", public_url="https://permits.example/"
    )
    sign_in(pages, between=lambda _browser, back: f"/sign-in/callback?{urlsplit(back).query}")
    assert provider.asked["redirect_uri"] == "https://permits.example/sign-in/callback"


def test_a_provider_that_does_not_answer_is_said_to_be_away(office, provider):
    nobody = settings(provider, issuer="http://127.0.0.1:9")
    answer, _ = sign_in(office(oidc=nobody, listens="0.0.0.0"))
    assert answer.status_code == 503
    wrong = settings(provider, issuer=provider.issuer.replace("127.0.0.1", "localhost"))
    assert sign_in(office(oidc=wrong, listens="0.0.0.0"))[0].status_code == 503


def test_leaving_tells_where_to_leave_the_provider_too(pages, provider):
    async def story():
        async with pages.browser(client="10.0.0.9", at=US) as browser:
            away = await browser.get("/sign-in/provider")
            async with httpx.AsyncClient(verify=False) as elsewhere:
                back = (await elsewhere.get(away.headers["location"])).headers["location"]
            await browser.get(back)
            word = (await browser.get("/view")).text.split()[-1]
            left = await browser.post("/sign-out", data={"form_token": word})
            assert f'href="{provider.issuer}/bye"' in left.text
            assert (await browser.get("/view")).status_code == 401

    asyncio.run(story())


@pytest.mark.parametrize(
    "changes",
    [{"issuer": "http://login.example"}, {"issuer": "login.example"}, {"client_id": ""},
     {"scope": "profile"}],
)  # fmt: skip
def test_settings_that_would_not_be_safe_are_refused(provider, changes):
    with pytest.raises(UsageError):
        settings(provider, **changes)


def test_the_secret_is_not_in_what_is_printed(provider):
    assert "s3cret" not in repr(settings(provider))
