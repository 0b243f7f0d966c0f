"""Nobody passes the gate who may not; every answer carries its protection."""

import asyncio

import pytest
from starlette.routing import Mount, Route

from web.access.gate import Gate
from web.access.headers import CONTENT_POLICY
from web.access.roles import Role, least_role, needs, unmarked
from web.access.tokens import new_token

PATHS = {"/view": Role.VIEWER, "/analyse": Role.ANALYST, "/audit": Role.AUDITOR}


@pytest.fixture
def keys(tmp_path):
    """A file of tokens with one for each role, and the secrets."""
    made = {role: new_token(f"the-{role.name.lower()}", role) for role in Role}
    path = tmp_path / "tokens"
    path.write_text("# who may\n\n" + "\n".join(line for line, _ in made.values()) + "\n")
    return path, {role: secret for role, (_, secret) in made.items()}


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("path", PATHS)
def test_a_role_opens_what_it_needs_and_nothing_above(office, keys, role, path):
    path_of_tokens, secrets = keys
    headers = {} if role is None else {"authorization": f"Bearer {secrets[role]}"}
    answer = office(tokens=path_of_tokens).get(path, headers=headers, client="10.0.0.9")
    expected = 401 if role is None else 200 if role >= PATHS[path] else 403
    assert answer.status_code == expected
    assert ("the-" in answer.text) is (expected == 200)


def test_a_page_that_nobody_marked_is_closed_to_all(office, keys):
    path, secrets = keys
    auditor = {"authorization": f"Bearer {secrets[Role.AUDITOR]}"}
    answer = office(tokens=path).get("/forgotten", headers=auditor)
    assert (answer.status_code, "forgotten" in answer.text) == (403, False)


def test_whoever_serves_can_walk_all_routes_for_marks(office):
    def page(request):
        raise NotImplementedError

    def another(request):
        raise NotImplementedError

    inner = [Route("/a", needs(Role.VIEWER)(page)), Route("/b", another)]
    assert unmarked([*office().routes, Mount("/more", routes=inner)]) == ["/forgotten", "/more/b"]
    assert least_role(inner[0]) == Role.VIEWER


def test_strangers_do_not_learn_which_addresses_there_are(office, keys):
    path, secrets = keys
    pages = office(tokens=path)
    assert [pages.get(at).status_code for at in ("/nothing", "/audit", "/view/")] == [401] * 3
    viewer = {"authorization": f"Bearer {secrets[Role.VIEWER]}"}
    assert pages.get("/nothing", headers=viewer).status_code == 404


@pytest.mark.parametrize("path", ["/view", "/open", "/nothing", "/forgotten", "/audit", "/sign-in"])
def test_every_answer_is_protected(office, path):
    answer = office().get(path)
    assert answer.headers["content-security-policy"] == CONTENT_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in answer.headers["permissions-policy"]
    caching = answer.headers["cache-control"]
    assert caching == ("public, max-age=60" if path == "/open" else "private, no-store")


def test_programs_are_told_in_json_and_people_on_a_page(office, keys):
    pages = office(tokens=keys[0])
    answer = pages.get("/view", headers={"accept": "application/json"})
    assert answer.json() == {"error": "Please sign in first."}
    assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = pages.get("/view?paths=25")
    assert answer.status_code == 401
    assert 'value="/view?paths=25"' in answer.text
    assert "runut_form=" in answer.headers["set-cookie"]


def test_all_further_in_speak_the_language_that_was_asked_for(office):
    assert office().get("/view?lang=id").text.split()[3] == "id"
    assert office().get("/view", headers={"accept-language": "id-ID,en"}).text.split()[3] == "id"
    assert office().get("/view").text.split()[3] == "en"


def test_a_socket_is_refused(office):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": "/view", "headers": [], "client": ("127.0.0.1", 1)}
    asyncio.run(office().app(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_an_address_asked_in_a_way_it_does_not_know_says_so_to_those_who_may_come(office):
    async def ask(client, path):
        async with office().browser(client=client) as browser:
            return (await browser.delete(path)).status_code

    asked = [("127.0.0.1", "/view"), ("127.0.0.1", "/audit"), ("10.0.0.9", "/view")]
    assert [asyncio.run(ask(*each)) for each in asked] == [405, 403, 401]


def test_pages_of_the_gate_are_drawn_with_the_app_at_hand(office):
    """What draws them may look there for what stands around every page."""
    asked = []

    def keep(request, _template, _values):
        asked.append(request.app)
        return ""

    gate = office().app
    kept = Gate(gate._app, routes=gate._routes, doors=gate._doors, render=keep)
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        raise NotImplementedError

    headers = [(b"accept", b"text/html")]
    scope = {"type": "http", "method": "GET", "path": "/view", "headers": headers}
    scope |= {"query_string": b"", "client": ("10.0.0.9", 1), "server": ("localhost", 80)}
    asyncio.run(kept(scope, receive, send))
    assert (asked, sent[0]["status"]) == ([gate._app], 401)


class TestForms:
    """A form is taken only from our own pages."""

    def post(self, office, **changes):
        async def ask():
            async with office().browser() as browser:
                word = (await browser.get("/view")).text.split()[-1]
                fields = {"form_token": changes.get("word", word), "what": "x"}
                sent = changes.get("send", {"data": fields})
                return await browser.post("/write", headers=changes.get("headers"), **sent)

        return asyncio.run(ask())

    def test_our_own_form_is_taken_and_read_whole(self, office):
        answer = self.post(office)
        assert (answer.status_code, answer.text) == (200, "written x")

    @pytest.mark.parametrize(
        "changes",
        [
            {"word": ""},
            {"word": "0" * 64},
            {"word": "ü"},
            {"headers": {"sec-fetch-site": "cross-site"}},
            {"headers": {"sec-fetch-site": "same-site"}},
            {"headers": {"origin": "https://elsewhere.example"}},
            {"headers": {"origin": "http://localhost:8001"}},
            {"headers": {"origin": "http://[broken"}},
            {"send": {"json": {"what": "x"}}},
            {"send": {"data": {}}},
            {"send": {"data": {f"f{number}": "x" for number in range(300)}}},
            {"send": {"files": {"what": b"x"}}},
        ],
    )
    def test_anything_else_is_not(self, office, changes):
        assert self.post(office, **changes).status_code == 403

    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "same-origin", "origin": "null"},
            {"origin": "null"},
            {"origin": "http://localhost:8000"},
        ],
    )
    def test_what_browsers_add_to_our_own_form_does_not_hinder_it(self, office, headers):
        assert self.post(office, headers=headers).status_code == 200

    def test_a_form_that_never_ends_is_cut_off(self, office):
        sent = {"content": b"x" * 70_000}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert self.post(office, send=sent, headers=headers).status_code == 413
