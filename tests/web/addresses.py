"""The addresses of every kind of page that there is, as somebody finds them who follows links."""

import html
import re
import urllib.request
from urllib.parse import urlencode

from reports.sections import NAVIGATION

FINDING = re.compile(r'href="(/findings/[^"?]+)')
CASE = re.compile(r'href="(/cases/[^"?]+)')
PLACE = re.compile(r'href="(/map/details[^"]+)"')


def read(running, path, **headers):
    """The page, as text."""
    asked = urllib.request.Request(running.address + path, headers=headers)
    with urllib.request.urlopen(asked) as answer:
        return answer.read().decode()


def every_page(running):
    """Name and address of every page of the navigation, and of one of each kind beside it."""
    pages = {one.address.strip("/") or "first": one.address for one in NAVIGATION}
    for path in FINDING.findall(read(running, "/findings")):
        pages.setdefault(f"finding-{path.split('/')[2].partition('%2F')[0]}", path)
    map_page = read(running, "/map")
    places = [html.unescape(path) for path in PLACE.findall(map_page)]
    pages["step"] = next(path for path in places if "place=" in path)
    pages["path"] = next(path for path in places if "source=" in path and "target=" in path)
    north, south = ("a.district", "north"), ("vs.a.district", "south")
    pages["map-narrowed"] = "/map?" + urlencode([north, ("without", "Inspect site")])
    pages["map-two"] = "/map?" + urlencode([north, south, ("overlay", "beside")])
    pages["case"] = CASE.findall(read(running, "/cases?open=yes"))[0]
    pages["doc"] = "/docs/concepts/the-map"
    return pages
