"""What the answer of a web address means, and that nothing secret is said about it."""

import ipaddress
import ssl
import threading
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from connectors.posting import Address, Line, post
from eventlog.errors import RetryError, StopError, UsageError

SECRET = "t0ken"


def at(web, path=f"/hook/{SECRET}", **more):
    return Address(url=f"{web.address}{path}", named_in="RUNUT_ALERTS_WEBHOOK", **more)


def test_what_is_posted_arrives_as_json_at_the_path_that_was_named(web):
    post(at(web, "/hook/ü?x=a b#part"), b'{"a": 1}', {"Idempotency-Key": "k"})
    (taken,) = web.taken
    assert (taken["path"], taken["json"]) == ("/hook/%C3%BC?x=a%20b", {"a": 1})
    assert taken["headers"]["Content-Type"] == "application/json; charset=utf-8"
    assert taken["headers"]["Idempotency-Key"] == "k"
    assert taken["headers"]["Authorization"] is None


def test_user_and_password_of_an_address_become_its_header(web):
    address = web.address.replace("http://", "http://us%40er:pass%3Aword@")
    post(Address(url=address, named_in="X"), b"{}")
    assert web.taken[0]["headers"]["Authorization"] == "Basic dXNAZXI6cGFzczp3b3Jk"
    assert web.taken[0]["path"] == "/"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_answer_of_success_is_delivery(web, status):
    web.usual = status
    post(at(web), b"{}")


@pytest.mark.parametrize(
    ("status", "verdict", "said"),
    [
        (500, RetryError, "answers 500 Internal Server Error"),
        (503, RetryError, "answers 503 Service Unavailable"),
        (599, RetryError, "answers 599"),
        (408, RetryError, "answers 408 Request Timeout"),
        (429, RetryError, "answers 429 Too Many Requests"),
        (400, StopError, "answers 400 Bad Request; correct the address"),
        (401, StopError, "answers 401 Unauthorized; correct the address"),
        (404, StopError, "answers 404 Not Found; correct the address"),
        (None, RetryError, "does not answer: "),
    ],
)
def test_an_answer_says_whether_to_wait_or_to_act_and_errors_show_no_secret(
    web, status, verdict, said
):
    web.usual = status
    with pytest.raises(verdict) as caught:
        post(at(web), b"{}")
    assert f"{web.address} (RUNUT_ALERTS_WEBHOOK) {said}" in str(caught.value)
    whole = "".join(traceback.format_exception(caught.value)) + repr(at(web))
    assert SECRET not in whole


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(web, other_web, status):
    web.usual = (status, ("Location", other_web.address))
    with pytest.raises(StopError, match=rf"answers {status} .*redirects are not followed"):
        post(at(web), b"{}")
    assert other_web.taken == []


def test_where_nobody_listens_it_may_be_tried_later(web):
    web.close()
    with pytest.raises(RetryError, match="does not answer: Connection refused"):
        post(at(web), b"{}")


def test_who_says_nothing_is_not_waited_for_for_ever(web):
    silent = threading.Event()
    web.before_answer = lambda: silent.wait(20)
    try:
        with pytest.raises(RetryError, match="does not answer: TimeoutError"):
            post(at(web, patience=timedelta(milliseconds=200)), b"{}")
    finally:
        silent.set()


def test_one_connection_serves_many_posts_until_it_is_hung_up(web):
    line = Line(at(web))
    for number in range(3):
        line.post(b"%d" % number)
    assert [taken["json"] for taken in web.taken] == [0, 1, 2]
    assert len(web.connections) == 1
    line.close()
    line.post(b"3")
    assert len(web.connections) == 2
    line.close()


def test_a_server_that_hung_up_meanwhile_is_connected_to_anew(web):
    line = Line(at(web))
    line.post(b"1")
    web.hang_up()
    line.post(b"2")
    assert [taken["json"] for taken in web.taken] == [1, 2]
    web.close()
    with pytest.raises(RetryError, match="does not answer: Connection refused"):
        line.post(b"3")
    web.open()
    line.post(b"4")
    assert [taken["json"] for taken in web.taken] == [1, 2, 4]
    line.close()


def test_after_an_answer_that_refuses_the_connection_is_still_good(web):
    line = Line(at(web))
    web.answers = [503, 404, 200]
    for verdict in (RetryError, StopError):
        with pytest.raises(verdict):
            line.post(b"{}")
    line.post(b"{}")
    assert len(web.connections) == 1
    line.close()


def test_a_proxy_that_the_environment_names_is_posted_through(web, other_web, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("http_proxy", other_web.address.replace("http://", "http://ann:p%40ss@"))
    post(Address(url="http://hooks.example/a?b=c", named_in="X"), b"{}")
    (taken,) = other_web.taken
    assert taken["path"] == "http://hooks.example/a?b=c"
    assert taken["headers"]["Host"] == "hooks.example"
    assert taken["headers"]["Proxy-Authorization"] == "Basic YW5uOnBAc3M="
    assert web.taken == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "t0ken",
        "ftp://t0ken",
        "https:///t0ken",
        "http://t0ken:port",
        "http://[t0ken",
        "file:///t0ken",
    ],
)
def test_what_is_no_web_address_is_refused_without_showing_it(url):
    with pytest.raises(UsageError, match="RUNUT_X is no web address; expected") as caught:
        Address(url=url, named_in="RUNUT_X")
    assert SECRET not in str(caught.value) + repr(caught.value)


def test_a_certificate_that_nobody_vouches_for_is_for_a_person_to_settle(web, tmp_path):
    web.close()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    web.open(context)
    address = Address(url=web.address.replace("http:", "https:"), named_in="RUNUT_X")
    with pytest.raises(StopError, match=r"certificate of https://127.*not trusted.*SSL_CERT_FILE"):
        post(address, b"{}")


def self_signed(folder):
    x509 = pytest.importorskip("cryptography.x509", reason="needs the development group: moto")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
