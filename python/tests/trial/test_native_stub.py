"""``_native.pyi`` says what the compiled module has: names, parameters, defaults."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import trialscope
from trialscope import _native

STUB = ast.parse(Path(trialscope.__file__).with_name("_native.pyi").read_text(encoding="utf-8"))

# Spelled as special methods in one place and not in the other: a constructor is `__new__` natively, and a buffer is
# visible from Python 3.12 on.
SPECIAL = {"__init__", "__buffer__"}


def classes() -> dict[str, ast.ClassDef]:
    return {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}


def functions(body: list[ast.stmt]) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def is_property(function: ast.FunctionDef) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == "property" for decorator in function.decorator_list)


def stub_parameters(function: ast.FunctionDef) -> list[tuple[str, str]]:
    """Names of parameters, without ``self``, each with its default."""
    arguments = function.args
    assert (arguments.kwonlyargs, arguments.vararg, arguments.kwarg) == ([], None, None)
    names = [argument.arg for argument in arguments.args]
    defaults = ["" for _ in names[len(arguments.defaults) :]] + [ast.unparse(default) for default in arguments.defaults]
    return [pair for pair in zip(names, defaults, strict=True) if pair[0] != "self"]


def compiled_parameters(compiled: object) -> list[tuple[str, str]]:
    parameters = inspect.signature(compiled).parameters.values()  # pyright: ignore[reportArgumentType]
    return [
        (parameter.name, "" if parameter.default is parameter.empty else repr(parameter.default))
        for parameter in parameters
        if parameter.name != "self"
    ]


def public(names: dict[str, Any] | list[str]) -> set[str]:
    return {name for name in names if not name.startswith("_")}


def test_the_module_has_what_the_stub_has() -> None:
    assert public(dir(_native)) == set(classes()) | public(list(functions(STUB.body)))


def test_functions_have_the_same_parameters() -> None:
    for name, function in functions(STUB.body).items():
        assert stub_parameters(function) == compiled_parameters(getattr(_native, name)), name


def test_classes_have_the_same_members() -> None:
    for name, node in classes().items():
        compiled = {
            member
            for member in vars(getattr(_native, name))
            if not member.startswith("__") or member in {"__len__", "__getitem__", "__iter__", "__contains__"}
        }
        assert set(functions(node.body)) - SPECIAL == compiled, name


def test_methods_have_the_same_parameters() -> None:
    compared = 0
    for name, node in classes().items():
        compiled = getattr(_native, name)
        for method, function in functions(node.body).items():
            what = f"{name}.{method}"
            if method == "__init__":
                assert stub_parameters(function) == compiled_parameters(compiled), what
            elif is_property(function):
                assert inspect.isgetsetdescriptor(vars(compiled)[method]), what
            elif not method.startswith("__"):
                assert inspect.ismethoddescriptor(vars(compiled)[method]), what
                assert stub_parameters(function) == compiled_parameters(getattr(compiled, method)), what
                compared += 1
    assert compared > 30
