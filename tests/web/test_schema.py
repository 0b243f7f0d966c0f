"""Whatever is asked of the addresses that are described, the answer is one that is described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from web.access.doors import AccessConfig
from web.access.roles import Role
from web.access.tokens import new_token
from web.app import make_app

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
# Some of what there is, so that not everything that is asked is nonsense.
KNOWN = {
    "through": ["Review zoning", "Sign decision"],
    "place": ["Review zoning", "Inspect site"],
    "source": ["Submit application", "Review zoning"],
    "target": ["Check completeness", "Sign decision"],
    "from": ["2025-02-03"],
    "late": ["yes", "no"],
    "open": ["yes", "no"],
    "lang": ["en", "id"],
    "overlay": ["waiting", "conformance", "beside"],
    "paths": ["5", "60"],
    "vs": ["all"],
    "kind": ["detour"],
    "severity": ["high"],
    "at": ["Review zoning"],
    "sort": ["oldest"],
    "page": ["1", "2"],
    "day": ["2025-03-01"],
    "measure": ["waiting", "on-time", "detours"],
    "step": ["Review zoning"],
    "only": ["district=north"],
    "name": ["map.json", "concepts/detours", "page.css"],
}


@pytest.fixture(scope="module")
def pages(office_results, tmp_path_factory):
    """The app over the small office, its description, and the token of an analyst."""
    folder = tmp_path_factory.mktemp("schema")
    line, secret = new_token("an-analyst", Role.ANALYST)
    (folder / "tokens").write_text(line + "\n")
    app = make_app(
        office_results,
        AccessConfig(listens="127.0.0.1", tokens=folder / "tokens"),
        audit_log=folder / "audit.jsonl",
        key=bytes(32),
        version="0",
    )
    inside = app._app
    inside.state.site.current.now().traces.cases  # noqa: B018 (waits until all is read)
    schema = schemathesis.openapi.from_dict(_with_known(inside.state.description))
    schema.app = app
    return schema, {"Authorization": f"Bearer {secret}"}


def _with_known(description):
    for operations in description["paths"].values():
        for one in operations["get"]["parameters"]:
            known = {"enum": KNOWN.get(one["name"], ["no such thing"])}
            one["schema"] = {"anyOf": [known, {"type": "string"}]}
    return description


def walked(pages, headers, examples):
    """Ask every operation so often; the first answer that is not as described is raised."""
    schema, _ = pages
    asked = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @seed(0)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case):
            answer = case.call(headers=headers)
            asked.append(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        ask()
    return asked


def test_an_analyst_gets_answers_as_described(pages):
    asked = walked(pages, {"Accept": "text/html", **pages[1]}, 12)
    assert {200, 400, 404} <= set(asked) <= {200, 400, 404}


def test_nobody_gets_anything_but_the_way_in(pages):
    asked = walked(pages, {"Accept": "application/json"}, 4)
    assert {200, 401} <= set(asked) <= {200, 401, 404}


@pytest.mark.long
def test_an_analyst_gets_answers_as_described_however_often_they_ask(pages):
    assert walked(pages, pages[1], 150)
