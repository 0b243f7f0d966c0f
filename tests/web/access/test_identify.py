"""An auditor turns a pseudonym back: with a reason, written down first."""

import asyncio
import json
import re

import pytest
from starlette.requests import Request

from eventlog.errors import RetryError
from eventlog.pseudonym import pseudonym as at_the_door
from web.access.audit import AuditLog, verify
from web.access.identify import identify_routes
from web.access.pseudonyms import Pseudonyms
from web.access.register import Lookup
from web.access.roles import Person, Role
from web.access.tokens import new_token

KEY = bytes(range(32))
OURS = Pseudonyms(key=KEY)
CASE = OURS.of("case", "PBG-1")
RUN = {
    "attributes": [
        {"name": "applicant", "person": True, "sensitive": False, "preset": False},
        {"name": "affiliation", "person": False, "sensitive": True, "preset": False},
    ]
}
WHY = "audit order 12/2026"


class Names:
    version = 1

    def values(self, kind):
        officer = at_the_door("officer-17", KEY)
        return {"case": ["PBG-1", "PBG-2"], "officer": [officer], "applicant": ["Budi <b>"]}[kind]

    def case(self, case_id):
        return {"case_id": case_id, "applicant": "Budi <b>", "affiliation": "ruling"}


@pytest.fixture
def ask(office, tmp_path):
    """Asks the form as somebody with a role; gives the answer and the lines of the log."""
    tokens = {role: new_token(role.name.lower(), role) for role in Role}
    path = tmp_path / "tokens"
    path.write_text("\n".join(line for line, _ in tokens.values()))
    log = tmp_path / "audit.jsonl"

    def routes(_doors, draw):
        return identify_routes(AuditLog(path=log), Lookup(OURS, Names), lambda: RUN, draw)

    pages = office(more=routes, tokens=path)

    def post(role=Role.AUDITOR, **fields):
        async def story():
            async with pages.browser() as browser:
                page = await browser.get("/sign-in")
                word = re.search(r'name="form_token" value="(\w+)"', page.text)[1]
                form = {"form_token": word, "token": tokens[role][1], "next": "/view"}
                await browser.post("/sign-in", data=form)
                fields["form_token"] = (await browser.get("/view")).text.split()[-1]
                return await browser.post("/identify", data=fields)

        lines = log.read_text().splitlines() if log.exists() else []
        answer = asyncio.run(story())
        after = log.read_text().splitlines() if log.exists() else []
        return answer, [json.loads(line) for line in after[len(lines) :]]

    post.log = log
    post.pages = pages
    return post


def test_with_a_reason_the_auditor_learns_whom_it_is_and_the_log_says_so(ask):
    answer, lines = ask(pseudonym=CASE, reason=WHY)
    assert answer.status_code == 200
    assert "PBG-1" in answer.text
    assert "Budi &lt;b&gt;" in answer.text
    assert "ruling" not in answer.text
    (line,) = lines
    assert (line["who"], line["action"], line["subject"]) == ("auditor", "re-identify", CASE)
    assert line["reason"] == WHY
    assert "PBG-1" not in ask.log.read_text()
    assert verify(ask.log).broken is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_nobody_else_does(ask, role):
    answer, lines = ask(role, pseudonym=CASE, reason=WHY)
    assert (answer.status_code, lines) == (403, [])
    assert "PBG-1" not in answer.text


@pytest.mark.parametrize(
    "fields",
    [{"pseudonym": CASE, "reason": ""}, {"pseudonym": CASE, "reason": "because "}, {"reason": WHY},
     {"pseudonym": "PBG-1", "reason": WHY}],
)  # fmt: skip
def test_without_a_reason_or_a_pseudonym_nothing_is_told(ask, fields):
    answer, lines = ask(**fields)
    assert (answer.status_code, lines) == (400, [])
    assert "stands for" not in answer.text


def test_a_pseudonym_of_nobody_is_logged_all_the_same(ask):
    answer, lines = ask(pseudonym=OURS.of("case", "PBG-3"), reason=WHY)
    assert "stands for nothing" in answer.text
    assert len(lines) == 1


def test_a_name_replaced_at_the_door_is_found_among_those_it_may_be(ask):
    officer = OURS.of("officer", at_the_door("officer-17", KEY))
    answer, _ = ask(pseudonym=officer, reason=WHY)
    assert "replaced before it was stored" in answer.text
    assert "officer-17" not in answer.text
    answer, _ = ask(pseudonym=officer, reason=WHY, candidates="officer-16\r\nofficer-17\r\n")
    assert "stands for officer-17" in answer.text


def test_what_cannot_be_written_down_is_not_shown(ask):
    """The error goes to the app's own handler, which answers 503 with its sentence."""
    ask.log.mkdir()
    with pytest.raises(RetryError, match="written down who looked"):
        asyncio.run(_ask_alone(ask))


async def _ask_alone(ask):
    route = next(each for each in ask.pages.routes if "POST" in each.methods and _here(each))
    person = Person(name="siti", role=Role.AUDITOR, how="oidc")
    body = f"pseudonym={CASE}&reason={WHY}".encode()

    async def receive():
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "headers": headers, "person": person}
    await route.endpoint(Request({**scope, "form_token": ""}, receive))


def _here(route):
    return route.path == "/identify"
