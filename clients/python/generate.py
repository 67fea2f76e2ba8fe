"""Makes schemas.py and operations.py of docs/openapi.json: python clients/python/generate.py"""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "openapi.json"
PACKAGE = HERE / "cairn_client"
_NOT_FOR_PLATFORMS = frozenset({"provisioning"})
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def main() -> None:
    """Write both modules."""
    for name, text in generated(json.loads(DOCUMENT.read_text())).items():
        (PACKAGE / name).write_text(text)


def generated(document: dict[str, Any]) -> dict[str, str]:
    """The text of both modules, by their names."""
    groups = {tag["name"]: [tag["description"]] for tag in document["tags"]}
    wanted = {"CloudEvent"}
    for path, method, told in _operations(document):
        groups[told["tags"][0]].append(_method(document, path, method, told))
        wanted |= _named(document, told)
    made = {tag: text for tag, text in groups.items() if len(text) > 1}
    schemas = _reached(document, wanted)
    classes = "".join(_group(tag, *text) for tag, text in made.items())
    used = {name for name in wanted if re.search(rf"\b{name}\b", classes)}
    head = _OPERATIONS_HEAD.format(names=", ".join(sorted(used)))
    return {
        "schemas.py": _formatted(_SCHEMAS_HEAD + "\n\n".join(_schema(*each) for each in schemas)),
        "operations.py": _formatted(head + classes + _whole(list(made))),
    }


def _group(tag: str, description: str, *methods: str) -> str:
    """The class of one tag's operations."""
    head = f"class {tag.title()}Operations:\n{_docstring(description, 4)}\n\n"
    return head + _GROUP_INIT + "".join(methods) + "\n\n"


def _whole(tags: list[str]) -> str:
    groups = "".join(
        f"        self.{tag} = {tag.title()}Operations(self.calling)\n" for tag in tags
    )
    return _CAIRN.format(groups=groups)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not _NOT_FOR_PLATFORMS & set(operation["tags"]):
                yield path, method, operation


def _named(document: dict[str, Any], told: dict[str, Any]) -> set[str]:
    """The schemas that an operation's body and answer are of, and the items of its pages."""
    contents = [told.get("requestBody", {})]
    contents += [answer for status, answer in told["responses"].items() if status[0] == "2"]
    found = _references(contents)
    pages = {name for name in found if name.endswith("Page")}
    return found.union(*(_references(document["components"]["schemas"][page]) for page in pages))


def _references(told: Any) -> set[str]:
    return set(re.findall(r'schemas/(\w+)"', json.dumps(told)))


def _reached(document: dict[str, Any], names: set[str]) -> list[tuple[str, dict[str, Any]]]:
    """These schemas and all that they refer to."""
    schemas, found, left = document["components"]["schemas"], set[str](), set(names)
    while left:
        name = left.pop()
        found.add(name)
        left |= _references(schemas[name]) - found
    return [(name, schemas[name]) for name in sorted(found)]


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    fields = {
        field: _type(told) if field in required else f"NotRequired[{_type(told)}]"
        for field, told in schema.get("properties", {}).items()
    }
    docstring = _docstring(schema.get("description", name), 4)
    if any(keyword.iskeyword(field) for field in fields):
        inner = ", ".join(f'"{field}": "{kind}"' for field, kind in fields.items())
        return f'{name} = TypedDict("{name}", {{{inner}}})\n'
    told = [_field(field, kind, schema["properties"][field]) for field, kind in fields.items()]
    return f"class {name}(TypedDict):\n{docstring}\n" + "".join(told)


def _field(field: str, kind: str, told: dict[str, Any]) -> str:
    about = told.get("description")
    return f"    {field}: {kind}\n" + (f"{_docstring(about, 4)}\n" if about else "")


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if kinds := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(_type(each) for each in kinds))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(json.dumps(value) for value in values)}]"
    if schema.get("type") == "array":
        return f"list[{_type(schema.get('items', {}))}]"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_type(inner) if isinstance(inner, dict) else 'Any'}]"
    return _PLAIN.get(schema.get("type", ""), "Any")


def _method(document: dict[str, Any], path: str, method: str, told: dict[str, Any]) -> str:
    taken = [_resolved(document, each) for each in told.get("parameters", [])]
    in_path = [each for each in taken if each["in"] == "path"]
    in_path.sort(key=lambda each: path.index(f"{{{each['name']}}}"))
    in_query = [each for each in taken if each["in"] == "query"]
    writes = method != "get"
    answer = _answer_type(told)
    arguments = [f"{_name(each)}: {_type(each['schema'])}" for each in in_path]
    body, sent = _body(told)
    arguments += body
    named = [_optional(each) for each in in_query]
    named += ["idempotency_key: str | None = None", "if_match: int | None = None"] if writes else []
    arguments += ["*", *named] if named else []
    call = [f'"{method.upper()}"', _address(path, in_path), *sent]
    call += [f"query={{{', '.join(_pair(each) for each in in_query)}}}"] if in_query else []
    call += ["idempotency_key=idempotency_key", "if_match=if_match"] if writes else []
    name = _snake(told["operationId"])
    text = (
        f"    def {name}(self, {', '.join(arguments)}) -> {answer}:\n"
        f"{_docstring(told['description'], 8)}\n"
        f"        return cast({json.dumps(answer)}, self._calling.call({', '.join(call)}))\n\n"
    )
    return text + (_every(name, document, answer, in_path, in_query) if _pages(in_query) else "")


def _every(
    name: str,
    document: dict[str, Any],
    answer: str,
    in_path: list[dict[str, Any]],
    in_query: list[dict[str, Any]],
) -> str:
    """A method that goes through all pages of a list."""
    page = document["components"]["schemas"][answer]
    item = _type(page["properties"]["items"]["items"])
    asked = [each for each in in_query if each["name"] not in ("cursor", "limit", "wait")]
    arguments = [f"{_name(each)}: {_type(each['schema'])}" for each in in_path]
    arguments += ["*", *(_optional(each) for each in asked)] if asked else []
    given = [_name(each) for each in in_path] + [f"{_name(each)}={_name(each)}" for each in asked]
    every = "all_" + name.removeprefix("list_")
    return (
        f"    def {every}(self, {', '.join(arguments)}) -> Iterator[{item}]:\n"
        f'        """All pages of `{name}`, item by item."""\n'
        "        cursor: str | None = None\n"
        "        while True:\n"
        f"            page = self.{name}({', '.join([*given, 'limit=200', 'cursor=cursor'])})\n"
        '            yield from page["items"]\n'
        '            cursor = page["next"]\n'
        "            if cursor is None:\n"
        "                return\n\n"
    )


def _body(told: dict[str, Any]) -> tuple[list[str], list[str]]:
    """The arguments that make the body, and how they are handed on."""
    if "requestBody" not in told:
        return [], []
    content = told["requestBody"]["content"]
    if "application/json" not in content:
        kinds = ", ".join(json.dumps(kind) for kind in content)
        return (
            ["content: bytes", f"media_type: Literal[{kinds}] = {json.dumps(next(iter(content)))}"],
            ["content=content", "media_type=media_type"],
        )
    kind = _type(content["application/json"]["schema"])
    required = told["requestBody"].get("required", False)
    return [f"body: {kind}" if required else f"body: {kind} | None = None"], ["body=body"]


def _answer_type(told: dict[str, Any]) -> str:
    answer = next(answer for status, answer in told["responses"].items() if status[0] == "2")
    kind, content = next(iter(answer["content"].items()))
    if kind == "application/zip":
        return "bytes"
    made = _type(content["schema"])
    return f"list[{made}]" if kind.endswith("ndjson") else made


def _address(path: str, in_path: list[dict[str, Any]]) -> str:
    for each in in_path:
        path = path.replace(f"{{{each['name']}}}", f"{{_part({_name(each)})}}")
    return f'f"{path}"' if in_path else f'"{path}"'


def _optional(parameter: dict[str, Any]) -> str:
    kind, name = _type(parameter["schema"]), _name(parameter)
    return f"{name}: {kind}" if parameter.get("required") else f"{name}: {kind} | None = None"


def _pair(parameter: dict[str, Any]) -> str:
    return f'"{parameter["name"]}": {_name(parameter)}'


def _pages(in_query: list[dict[str, Any]]) -> bool:
    return any(each["name"] == "cursor" for each in in_query)


def _name(parameter: dict[str, Any]) -> str:
    name = _snake(parameter["name"])
    return f"{name}_" if keyword.iskeyword(name) else name


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).replace("-", "_").lower()


def _resolved(document: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in told:
        return told
    found: dict[str, Any] = document["components"]["parameters"][told["$ref"].rpartition("/")[2]]
    return found


def _docstring(text: str, indent: int) -> str:
    first, *rest = text.split("\n\n")
    lines = textwrap.wrap(first, 96 - indent)
    for paragraph in rest:
        lines += ["", *textwrap.wrap(paragraph, 96 - indent)]
    one = f'"""{lines[0]}"""' if len(lines) == 1 else None
    whole = one or '"""' + "\n".join(lines) + '\n"""'
    return textwrap.indent(whole, " " * indent)


def _formatted(text: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "format", "--quiet", "--stdin-filename", "made.py", "-"]
    return subprocess.run(ruff, input=text, capture_output=True, text=True, check=True).stdout


_SCHEMAS_HEAD = '''\
"""What operations take and answer. Made by generate.py of docs/openapi.json."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


'''
_OPERATIONS_HEAD = '''\
"""All operations of the API. Made by generate.py of docs/openapi.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self, cast
from urllib.parse import quote

import httpx2

from cairn_client.calling import Calling, Token
from cairn_client.schemas import ({names})


def _part(value: object) -> str:
    """A value as one part of a path."""
    return quote(str(value), safe="@")


'''
_GROUP_INIT = """\
    def __init__(self, calling: Calling) -> None:
        self._calling = calling

"""
_CAIRN = '''\
class Cairn:
    """Cairn at one address, for whoever the token is of; its operations by what they are about.

    `patience` is for how many seconds a request is tried again while the service is away.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        patience: float = 60.0,
        http: httpx2.Client | None = None,
    ) -> None:
        self.calling = Calling(url, token, patience, http or httpx2.Client(timeout=60.0))
{groups}
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.calling.close()
'''

if __name__ == "__main__":
    main()
