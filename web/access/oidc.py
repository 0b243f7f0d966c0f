"""Those whom the office's identity provider knows (OpenID Connect, code flow with PKCE)."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from eventlog.errors import RetryError
from web.access.provider import Journey, ProviderSettings, SignInError
from web.access.roles import Person

_SIGNED_WITH: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
"""Signatures by a key that the provider alone holds; never "none", never a shared secret."""
_KINDS: Final = ("RSA", "EC")
_LEEWAY: Final = 60  # seconds by which the two clocks may differ
_WAIT: Final = 10.0  # seconds for the provider to answer
_KNOWN_FOR: Final = 3600.0  # seconds until the provider's addresses and keys are asked anew
_ASK_AGAIN: Final = 30.0  # seconds between two questions for keys, whatever tokens are sent here
_WORD = 48  # characters of 62: more than 256 random bits


@dataclass(kw_only=True)
class Provider:
    """An identity provider; what it publishes of itself is kept for an hour."""

    settings: ProviderSettings
    _about: dict[str, Any] = field(default_factory=dict, repr=False)
    _keys: KeySet | None = field(default=None, repr=False)
    _asked: float = field(default=0.0, repr=False)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def departure(self, target: str, *, back_to: str) -> tuple[str, Journey]:
        """Where to send somebody to sign in, and what to keep until then; RetryError."""
        await self._ask(newer_than=_KNOWN_FOR)
        journey = Journey(
            state=generate_token(_WORD),
            nonce=generate_token(_WORD),
            verifier=generate_token(_WORD),
            target=target,
        )
        address, _ = self._client(back_to).create_authorization_url(
            self._about["authorization_endpoint"],
            state=journey.state,
            nonce=journey.nonce,
            code_verifier=journey.verifier,
        )
        return str(address), journey

    async def arrival(self, journey: Journey, told: Mapping[str, str], *, back_to: str) -> Person:
        """Who came back, by what the provider wrote into the address (`told`).

        SignInError when it is no answer to this journey, the ID token is not good, or the person
        has no role here; RetryError when the provider does not answer.
        """
        if told.get("state") != journey.state:
            raise SignInError("the answer belongs to another sign-in")
        await self._ask(newer_than=_KNOWN_FOR)
        # RFC 9207: an answer that another provider was made to send names that one.
        if told.get("iss", self._about["issuer"]) != self._about["issuer"]:
            raise SignInError("the answer comes from another provider")
        if "error" in told or "code" not in told:
            raise SignInError(f"the provider answered {told.get('error', 'without a code')!r}")
        tokens = await self._tokens(journey, told["code"], back_to)
        return self._person(await self._claims(tokens, journey))

    async def leaving(self) -> str | None:
        """Where to sign out of the provider itself, if it has such a page."""
        try:
            await self._ask(newer_than=_KNOWN_FOR)
        except RetryError:
            return None
        address = self._about.get("end_session_endpoint")
        return address if isinstance(address, str) else None

    def _client(self, back_to: str) -> OAuth2Client:
        return OAuth2Client(
            None,
            client_id=self.settings.client_id,
            scope=self.settings.scope,
            redirect_uri=back_to,
            code_challenge_method="S256",
        )

    async def _tokens(self, journey: Journey, code: str, back_to: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": journey.verifier,
            "client_id": self.settings.client_id,
        }
        secret = self.settings.client_secret
        # Both halves are form-encoded first (RFC 6749, 2.3.1); httpx encodes the pair itself.
        auth = None
        methods = self._about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret is not None and "client_secret_basic" in methods:
            auth = httpx.BasicAuth(_quoted(self.settings.client_id), _quoted(secret))
        elif secret is not None:
            form["client_secret"] = secret
        return await self._fetch("POST", self._about["token_endpoint"], form, auth)

    async def _claims(self, tokens: dict[str, Any], journey: Journey) -> dict[str, Any]:
        """What the ID token says, once its signature, sender, addressee, time and nonce are right.

        OpenID Connect Core 1.0, section 3.1.3.7.
        """
        text = tokens.get("id_token")
        if not isinstance(text, str):
            raise SignInError("the provider sent no ID token")
        signed = await self._verified(text)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            options={
                "iss": {"essential": True, "value": self._about["issuer"]},
                "aud": {"essential": True, "value": self.settings.client_id},
                "sub": {"essential": True},
            },
            params={
                "nonce": journey.nonce,
                "client_id": self.settings.client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        try:
            claims.validate(now=int(time.time()), leeway=_LEEWAY)
        except JoseError as error:
            raise SignInError(f"the ID token is not good: {error}") from error
        return dict(claims)

    async def _verified(self, text: str) -> jwt.Token:
        """The token, its signature checked; keys are asked anew once if none fits."""
        for newer_than in (_KNOWN_FOR, _ASK_AGAIN):
            await self._ask(newer_than=newer_than)
            assert self._keys is not None
            try:
                return jwt.decode(text, self._keys, algorithms=list(_SIGNED_WITH))
            except (JoseError, ValueError) as error:
                fault = error
        raise SignInError(f"the ID token is not good: {fault}") from fault

    def _person(self, claims: Mapping[str, Any]) -> Person:
        name = str(claims.get(self.settings.name_claim) or claims["sub"]).strip()
        role = self.settings.roles.role(_listed(claims, self.settings.claim))
        if role is None:
            raise SignInError(f"{name!r} has no role here by the claim {self.settings.claim!r}")
        if not name.isprintable():
            raise SignInError("the name holds control characters")
        return Person(name=name, role=role, how="oidc")

    async def _ask(self, *, newer_than: float) -> None:
        """What the provider publishes of itself, unless it was asked less than so long ago."""
        async with self._asking:
            if self._keys is not None and time.monotonic() - self._asked < newer_than:
                return
            where = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            about = await self._fetch("GET", where)
            named = str(about.get("issuer", ""))
            if named.rstrip("/") != self.settings.issuer.rstrip("/"):
                raise RetryError(
                    f"the identity provider at {self.settings.issuer} calls itself {named!r}; set "
                    "RUNUT_SERVE_OIDC_ISSUER to the name it uses"
                )
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            missing = [name for name in needed if not isinstance(about.get(name), str)]
            if missing:
                raise RetryError(f"{where} does not tell {', '.join(missing)}")
            keys = await self._fetch("GET", about["jwks_uri"])
            self._keys = _usable(keys.get("keys"))
            self._about, self._asked = about, time.monotonic()

    async def _fetch(
        self,
        method: str,
        url: str,
        form: dict[str, str] | None = None,
        auth: httpx.BasicAuth | None = None,
    ) -> dict[str, Any]:
        """A JSON object of the provider's; RetryError when there is none to be had."""
        async with httpx.AsyncClient(
            timeout=_WAIT, follow_redirects=False, verify=_trusted_certificates()
        ) as client:
            try:
                answer = await client.request(
                    method, url, data=form, auth=auth, headers={"Accept": "application/json"}
                )
                content = answer.json()
            except (httpx.HTTPError, ValueError) as error:
                raise RetryError(f"the identity provider does not answer at {url}") from error
        if not isinstance(content, dict):
            raise RetryError(f"the identity provider does not answer as expected at {url}")
        if answer.is_error and form is not None:
            raise SignInError(f"the provider answered {str(content.get('error', ''))[:100]!r}")
        if answer.is_error:
            raise RetryError(f"the identity provider answers {answer.status_code} at {url}")
        return content


@cache
def _trusted_certificates() -> ssl.SSLContext:
    """The machine's, or those in the file that SSL_CERT_FILE names: read once, they are many."""
    return httpx.create_ssl_context()


def _usable(published: object) -> KeySet:
    """The published keys that can check a signature; of kinds yet unknown, none."""
    found = []
    for key in published if isinstance(published, list) else []:
        with contextlib.suppress(JoseError, ValueError, KeyError, TypeError, AttributeError):
            if key.get("kty") in _KINDS and key.get("use", "sig") == "sig":
                found.append(JWKRegistry.import_key(key))
    return KeySet(found)


def _quoted(text: str) -> str:
    return str(httpx.QueryParams({"": text}))[1:]


def _listed(claims: Mapping[str, Any], path: str) -> list[str]:
    """The words at `path`: a list of them, or one text; names with dots are looked up whole."""
    found: Any = claims
    if path in claims:
        found = claims[path]
    else:
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return found.split()
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []
