"""A page that is kept is answered at once, to the role that it was made for and to nobody else."""

import pytest

from web.access.roles import Role

from .planting import visiting


@pytest.fixture
def visitors(office_results, tmp_path):
    with visiting(office_results, tmp_path, b"k" * 32) as visitors:
        yield visitors


@pytest.mark.parametrize("path", ["/", "/map", "/map?a.district=north"])
def test_a_kept_page_is_the_page_of_the_role_and_bears_the_name_of_who_asks(visitors, path):
    for _ in range(2):
        for role in Role:
            page = visitors[role].ask(path).text
            assert f"the-{role.name.lower()}" in page
            assert not any(f"the-{other.name.lower()}" in page for other in Role if other != role)
            assert ('name="through"' in page) == ("map" in path and role >= Role.ANALYST)


def test_nobody_is_shown_a_page_that_is_kept(visitors):
    assert visitors[Role.ANALYST].ask("/map").status_code == 200
    assert visitors[None].ask("/map").status_code == 401


def test_what_is_kept_is_the_page_that_was_made(visitors):
    analyst = visitors[Role.ANALYST]
    made, kept = (analyst.ask("/map?through=Inspect+site") for _ in range(2))
    assert made.status_code == kept.status_code == 200
    assert kept.text == made.text
