"""Pages that were rendered lately, so that fifty readers of one page cost one rendering."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from reports.map_page.places import MapPlan

_LARGEST_SHARE = 4


class Kept:
    """Texts by what they were made of, the least lately used let go when there are too many bytes.

    Who asks for a text that is being made waits for it instead of making it a second time.
    """

    def __init__(self, *, room: int = 64 * 1024 * 1024) -> None:
        """`room` is how many bytes may be kept."""
        self._room = room
        self._texts: OrderedDict[Hashable, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """The text for this key: kept, or made now. What `make` raises is raised, and not kept."""
        found = self.found(key)
        if found is not None:
            return found
        with self._lock:
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            try:
                found = self.found(key)
                if found is None:
                    found = make()
                    self._keep(key, found)
                return found
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def found(self, key: Hashable) -> bytes | None:
        """The text for this key where it is kept."""
        with self._lock:
            if key in self._texts:
                self._texts.move_to_end(key)
            return self._texts.get(key)

    def _keep(self, key: Hashable, text: bytes) -> None:
        if len(text) > self._room // _LARGEST_SHARE:
            return
        with self._lock:
            self._size += len(text) - len(self._texts.pop(key, b""))
            self._texts[key] = text
            while self._size > self._room:
                self._size -= len(self._texts.popitem(last=False)[1])


class Plans:
    """Layouts of maps, which take longest of all: those of the present results alone."""

    def __init__(self) -> None:
        self._of: Hashable = None
        self._plans: dict[Hashable, MapPlan] = {}
        self._lock = threading.Lock()

    def get(self, of: Hashable, key: Hashable, make: Callable[[], MapPlan]) -> MapPlan:
        """The layout of the results `of` for this key: kept, or made now."""
        with self._lock:
            if self._of != of:
                self._of, self._plans = of, {}
            if key not in self._plans:
                self._plans[key] = make()
            return self._plans[key]
