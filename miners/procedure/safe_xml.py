"""Reads an XML file that a stranger may have written, without following anything it points to."""

from dataclasses import dataclass, field
from xml.parsers import expat

from eventlog.errors import UsageError

LARGEST = 5_000_000
"""Bytes; a drawing of a thousand steps with its layout has about one million."""


@dataclass(frozen=True)
class Element:
    """An XML element: `tag` is "namespace name", or only the name where there is no namespace."""

    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)


def read_xml(content: bytes, *, name: str) -> Element:
    """The outermost element with all within it, texts left out; `name` is how errors call the file.

    UsageError for what is not XML or too large, and for a document type: nothing that draws needs
    one, and entities in it can grow without end or name files of this machine.
    """
    if len(content) > LARGEST:
        raise UsageError(
            f"{name}: has {len(content) / 1e6:.1f} MB, allowed are {LARGEST / 1e6:.0f}; "
            "a drawing has far less: is it the right file?"
        )
    top = Element("", {})
    open_ones = [top]

    def begin(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes)
        open_ones[-1].children.append(element)
        open_ones.append(element)

    def end(_tag: str) -> None:
        open_ones.pop()

    def document_type(*_: object) -> None:
        raise UsageError(
            f"{name}: has a document type (<!DOCTYPE …>), which is refused for safety; "
            "delete that line, BPMN needs none"
        )

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = document_type
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UsageError(f"{name}: is not XML ({error}); expected a BPMN 2.0 file") from error
    return top.children[0]
