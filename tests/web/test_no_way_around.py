"""No trick with addresses, methods, headers or kept pages gets more than the way that is meant."""

import asyncio
import re
import time
from urllib.parse import unquote

import pytest

from web.access.roles import Role

from .planting import Visitor, visiting

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
HIDDEN = ("/cases", "/cases.csv", "/cases/case-0000000000000000", "/identify")
PATHS = (
    *("//evil.example/x", "/%2f%2fevil.example", "/\\evil.example", "/map/", "/MAP", "/map;a=b"),
    *("/map%00", "/./map", "/cases%0a", "/cases%00", "/cases/", "//cases", "/%63ases"),
    *("/map/../cases", "/docs/../cases", "/static/../cases", "/static/%2e%2e/app.py"),
    *("/docs/%2e%2e/%2e%2e/README", "/public/%2e%2e%2fcases.parquet", "/findings/%00%ff"),
    *("/static/" + "../" * 40 + "etc/passwd", "/" + "a" * 4000, "/%", "/%zz", "/\u202emap"),
)


@pytest.fixture(scope="module")
def visitors(office_results, tmp_path_factory):
    with visiting(office_results, tmp_path_factory.mktemp("around"), bytes(32)) as visitors:
        visitors[Role.ANALYST].ask("/cases")  # waits until all is read
        yield visitors


def raw(visitor, path, query=b"", *, method="GET", headers=()):
    """The status, the headers and the content of an answer to a request as no client sends it."""
    sent, asked = [], [{"type": "http.request", "body": b"", "more_body": False}]
    own = [(name.encode(), value.encode()) for name, value in visitor.headers.items()]
    scope = {
        "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(),
        "query_string": query, "root_path": "", "scheme": "http", "http_version": "1.1",
        "headers": [(b"host", b"localhost"), (b"accept", b"text/html"), *own, *headers],
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip

    async def receive():
        return asked.pop() if asked else await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    asyncio.run(visitor.app(scope, receive, send))
    content = b"".join(one.get("body", b"") for one in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), content.decode("utf-8", "replace")


@pytest.mark.parametrize("role", [None, Role.VIEWER])
@pytest.mark.parametrize("method", METHODS)
def test_no_method_opens_what_the_role_may_not_see(visitors, role, method):
    told = {answer.status_code for answer in visitors[role].asks(*HIDDEN, method=method)}
    assert told == {401 if role is None else 403}


@pytest.mark.parametrize("method", METHODS[2:])
def test_only_reading_is_known_where_nothing_is_sent(visitors, method):
    paths = ("/", "/map", "/map.svg", "/cases", "/report.html", "/static/page.css", "/health")
    answers = visitors[Role.ANALYST].asks(*paths, method=method)
    assert [answer.status_code for answer in answers] == [405] * len(paths)


def test_the_head_of_a_page_is_told_as_the_page_is_and_nothing_of_it(visitors):
    for path in ("/", "/map", "/cases", "/report.html"):
        whole = visitors[Role.ANALYST].ask(path)
        head = visitors[Role.ANALYST].ask(path, method="HEAD")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["cache-control"] == whole.headers["cache-control"]


@pytest.mark.parametrize("path", PATHS)
def test_no_spelling_of_a_path_gets_further(visitors, path):
    assert raw(visitors[None], path)[0] in {401, 404}
    status, _, page = raw(visitors[Role.VIEWER], path)
    assert status in {403, 404, 307}
    assert "root:" not in page
    leads = re.findall(r'(?:href|action|src)="([^"]*)"', page)
    assert [one for one in leads if not re.match(r"/(?!/)|#|\?|data:,|$", one)] == []


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "localhost/detours#", "a?b", "[", "x" * 5000, "\xff", "a b", ""]
)
def test_by_whatever_name_it_is_called_the_page_is_that_of_its_address(visitors, host):
    """And a page that is kept for others is not another one's."""
    query = b"x=" + str(hash(host)).encode()
    given = ((b"host", host.encode("latin-1")),)
    once = raw(visitors[Role.VIEWER], "/map", query, headers=given)
    assert once[0] == 200
    assert "elsewhere.example" not in once[2]
    assert raw(visitors[Role.VIEWER], "/detours")[2] != once[2]
    assert raw(visitors[Role.VIEWER], "/map", query)[2] == once[2]


def test_a_kept_page_has_the_name_role_and_language_of_who_asks(visitors):
    def page(role, **headers):
        return visitors[role].ask("/map", headers={"accept": "text/html", **headers}).text

    for _ in range(2):  # made, and kept
        for role in Role:
            told = page(role)
            words = set(re.findall(r"the-(?:viewer|analyst|auditor)", told))
            assert words == {f"the-{role.name.lower()}"}
            assert ("/cases" in told) is (role > Role.VIEWER)
        assert 'lang="id"' in page(Role.VIEWER, **{"accept-language": "id"})
        assert 'lang="en"' in page(Role.VIEWER)
    tokens = {re.search(r'form_token" value="(\w+)"', page(role))[1] for role in Role}
    assert len(tokens) == len(Role)


def test_nothing_of_anybody_is_kept_on_the_way(visitors):
    """By a browser that others use, or a proxy that serves them."""
    for path in ("/", "/map", "/map.svg", "/map/replay.json", "/report.html", "/public/map.json"):
        caching = visitors[Role.VIEWER].ask(path).headers["cache-control"]
        assert "public" not in caching
        assert "no-store" in caching


def test_every_form_that_is_sent_has_to_carry_our_word(visitors):
    """Asked without a token in a header, as browsers that have signed in do."""
    nobody = visitors[None]
    for path in ("/sign-in", "/sign-out"):
        assert nobody.ask(path, method="POST", data={"token": "x"}).status_code == 403
    signed_in = Visitor(nobody.app)
    secret = visitors[Role.AUDITOR].headers["authorization"].removeprefix("Bearer ")
    page = nobody.ask("/sign-in", headers={"accept": "text/html"})
    form = {"token": secret, "form_token": re.search(r'form_token" value="(\w+)"', page.text)[1]}
    cookie = page.headers["set-cookie"].partition(";")[0]
    welcome = nobody.ask("/sign-in", method="POST", data=form, headers={"cookie": cookie})
    assert welcome.status_code == 303
    signed_in.headers = {"cookie": welcome.headers["set-cookie"].partition(";")[0]}
    assert signed_in.ask("/cases").status_code == 200
    form = {"pseudonym": "case-0000000000000000", "reason": "because I want to"}
    for path in ("/identify", "/sign-out"):
        assert signed_in.ask(path, method="POST", data=form).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "&".join(["through=Review+zoning"] * 10_000),
        "&".join(f"zz{n}=1" for n in range(10_000)),
        "lang=" + "x" * 60_000,
        "a.district=" + "%F0%9F" * 10_000,
    ],
)
def test_an_address_without_end_is_refused_at_once(visitors, query):
    for role in (None, *Role):
        began = time.process_time()
        status, _, page = raw(visitors[role], "/map", query.encode())
        assert (status, len(page) < 10_000) == (414, True)
        assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "query",
    [
        "&".join(["through=Review+zoning"] * 300),
        "&".join(["lang=en"] * 1000),
        "&".join(["vs.step=Review+zoning&vs.next=Sign+decision"] * 150),
        "&".join(["through=Review+zoning&without=Refuse"] * 90),
        "variant=" + "9" * 7000,
        "paths=" + "9" * 7000,
        "from=0001-01-01&until=9999-12-31",
        "a.district=" + "x" * 7000,
        "a.=x&vs.=x&=x",
        "through=%ED%A0%80%00%FF",
    ],
)
def test_a_long_or_an_odd_filter_costs_little(visitors, query):
    for path in ("/map", "/map/replay.json", "/map.svg", "/cases"):
        began = time.process_time()
        status, _, page = raw(visitors[Role.ANALYST], path, query.encode())
        assert status in {200, 400, 404}
        assert len(page) < 2_000_000
        assert time.process_time() - began < 2


def test_results_that_lack_a_part_say_so_without_saying_where_they_lie(office_results, tmp_path):
    folder = tmp_path / "moved"
    folder.mkdir()
    for path in office_results.iterdir():
        if path.is_file() and path.name not in {"work_items.parquet", "report.html"}:
            (folder / path.name).symlink_to(path)
    (tmp_path / "pages").mkdir()
    with visiting(folder, tmp_path / "pages", bytes(32)) as visitors:
        paths = ("/", "/map/replay.json", "/cases", "/report.html", "/public/map.json")
        answers = visitors[Role.ANALYST].asks(*paths)
    assert [answer.status_code for answer in answers] == [200, 503, 503, 404, 404]
    assert "work_items.parquet" in answers[1].text
    assert not any(str(tmp_path) in answer.text for answer in answers)
