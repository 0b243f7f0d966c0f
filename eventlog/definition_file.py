"""Reads a process file and says in one line each what is wrong with it."""

import difflib
from collections.abc import Hashable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from eventlog.definition import Definition
from eventlog.errors import UsageError


class _UniqueKeys(yaml.SafeLoader):
    """YAML keeps the last of two equal keys without a word; a process file must not."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 (the library's signature)
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key "{key}" stands twice', key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def load(path: Path) -> Definition:
    """Read and check the process file at `path`; UsageError lists everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such process file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as a UTF-8 text: {error}") from error
    return parse(text, name=path.name)


def parse(text: str, *, name: str) -> Definition:
    """Check the text of a process file; `name` is how errors call it."""
    try:
        content = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise UsageError(f"{name}: not valid YAML: {_one_line(error)}") from error
    if not isinstance(content, dict):
        raise UsageError(f"{name}: expected keys and values, at least `process: <name>`")
    try:
        return Definition.model_validate(content)
    except ValidationError as error:
        problems = [_worded(problem, name) for problem in error.errors()]
        raise UsageError("\n".join(problems)) from error


def find(name_or_path: str, folders: list[Path]) -> Path:
    """A path as it is; a name `x` as `x.yaml` in the first of `folders` that has it."""
    given = Path(name_or_path)
    if given.suffix in {".yaml", ".yml"} or given.parent != Path():
        return given
    for folder in folders:
        candidate = folder / f"{name_or_path}.yaml"
        if candidate.is_file():
            return candidate
    there = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
    nearest = difflib.get_close_matches(name_or_path, there, n=1)
    hint = f'; did you mean "{nearest[0]}"?' if nearest else ""
    raise UsageError(
        f'there is no process "{name_or_path}"; known are {", ".join(there) or "none"}{hint}'
    )


def _worded(problem: Any, name: str) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    kind, value = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        allowed = _keys_at(problem["loc"][:-1])
        nearest = difflib.get_close_matches(str(problem["loc"][-1]), allowed, n=1)
        hint = f'; did you mean "{nearest[0]}"?' if nearest else ""
        return f"{name}: {where} is not known; allowed are {', '.join(allowed)}{hint}"
    if kind == "missing":
        return f"{name}: {where} is missing"
    message = problem["msg"].removeprefix("Value error, ")
    if not where or isinstance(value, dict):
        return f"{name}: {where + ': ' if where else ''}{message}"
    if kind == "tuple_type":
        message = f"expected a list, e.g. [{_short(value)}]"
    if kind == "string_type" and isinstance(value, bool | int | float | date):
        message = (
            "expected a text; put it in quotes (YAML reads yes, no, numbers and dates as such)"
        )
    return f'{name}: {where} is "{_short(value)}"; {message[0].lower()}{message[1:]}'


def _keys_at(path: tuple[int | str, ...]) -> list[str]:
    """The keys allowed at a place in the file, found by walking the model's own fields."""
    model: type[BaseModel] = Definition
    for step in path:
        for key, field in model.model_fields.items():
            if (field.alias or key) == step:
                inner = _model_in(field.annotation)
                if inner is not None:
                    model = inner
                break
    return [field.alias or key for key, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _short(value: object, limit: int = 80) -> str:
    text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _one_line(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())
