"""A defect of ours is answered with a page, and nothing of what was read goes into the log."""

import asyncio
import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from web.failing import Failing

NAMED = "PBG-0017 of Siti"


def fails(_request):
    try:
        {}[NAMED]
    except KeyError as problem:
        raise ValueError(f"no {NAMED}") from problem


def breaks_off(_request):
    def lines():
        yield b"one\n"
        raise ValueError(NAMED)

    return StreamingResponse(lines())


def ask(path):
    def sorry(_request):
        return PlainTextResponse("sorry", status_code=500)

    app = Starlette(
        routes=[Route("/fails", fails), Route("/breaks-off", breaks_off)],
        middleware=[Middleware(Failing, sorry)],
    )

    async def go():
        carrier = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=carrier, base_url="http://a") as client:
            return await client.get(path)

    return asyncio.run(go())


def test_a_failure_is_a_page_and_the_log_says_where_and_of_what_kind_alone(caplog):
    with caplog.at_level(logging.DEBUG):
        answer = ask("/fails")
    assert (answer.status_code, answer.text) == (500, "sorry")
    (told,) = [one.fields for one in caplog.records if one.name == "runut.pages"]
    assert told["error"] == "ValueError"
    assert told["place"].startswith("test_failing.py:")
    assert NAMED not in caplog.text + str(told)


def test_an_answer_that_broke_off_is_cut_without_saying_why(caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(RuntimeError) as cut:
        ask("/breaks-off")
    assert NAMED not in str(cut.value) + caplog.text
    assert cut.value.__cause__ is cut.value.__context__ is None
