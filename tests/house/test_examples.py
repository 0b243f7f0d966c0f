"""Every example in a docstring gives what it says."""

import doctest
import importlib
import pkgutil

import pytest

PACKAGES = ("eventlog", "connectors", "miners", "engine", "reports", "web", "flows", "simulation")
MODULES = sorted(
    name
    for package in PACKAGES
    for _, name, _ in pkgutil.walk_packages(
        importlib.import_module(package).__path__, f"{package}."
    )
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0
