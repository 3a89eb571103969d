"""YAML to plain values, remembering the line of every key and refusing what could mislead."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from huanxin.policy.types import Problem

Path = tuple[str | int, ...]
LONGEST = 200_000
_SCALARS: dict[str, tuple[type, str]] = {
    "tag:yaml.org,2002:str": (str, r".*"),
    "tag:yaml.org,2002:int": (int, r"-?(0|[1-9]\d*)"),  # YAML 1.1 reads 017 as 15 and 1:30 as 90
    "tag:yaml.org,2002:bool": (bool, r"true|false"),  # and no, off as false
    "tag:yaml.org,2002:timestamp": (date, r"\d{4}-\d\d-\d\d"),
}


class Stop(Exception):
    """The text cannot be read any further."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def load(file: str, text: str) -> tuple[Any, Mapping[Path, int]]:
    """The values of a YAML text and the line (from 1) of every path in it.

    Refuses, with Stop: broken YAML, a key written twice, decimals (money is integer fen), times of
    day, anchors and everything else that a policy officer would not expect.
    """
    _check_size(file, text)
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
    except RecursionError as deep:
        fix = "一项政策只需要四五层，请检查括号和缩进"
        raise Stop(Problem(file, 1, "一层套一层，套得太深", fix)) from deep
    except yaml.YAMLError as broken:
        raise Stop(_syntax_problem(file, broken)) from broken
    finally:
        loader.dispose()
    if root is None:
        raise Stop(Problem(file, 1, "文件是空的", "请按现有政策文件的格式填写"))
    walk = _Walk(file)
    return walk.value(root, ()), walk.marks


def _check_size(file: str, text: str) -> None:
    if len(text) > LONGEST:
        cause = f"文件有 {len(text):,} 个字符，超过 {LONGEST:,} 个"
        raise Stop(Problem(file, 1, cause, "一项政策一个文件；请检查是否选错了文件"))
    for number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line:
            raise Stop(Problem(file, number, "用了制表符", "请把制表符换成空格"))


def _syntax_problem(file: str, broken: yaml.YAMLError) -> Problem:
    mark = getattr(broken, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    fix = "请检查缩进是否用空格对齐、冒号后是否有空格、引号和括号是否成对"
    return Problem(file, line, "不是有效的 YAML", fix)


class _Walk:
    def __init__(self, file: str) -> None:
        self.file = file
        self.marks: dict[Path, int] = {}
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.marks.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            raise self._stop(node, "用了锚点引用（& 与 *）", "请把内容写全，不要引用")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key == "<<":
                raise self._stop(key_node, "键的写法不受支持", "请用普通的“键: 值”写法")
            if key in found:
                raise self._stop(key_node, f"键“{key}”写了两次", "请删去其中一个")
            self.marks[*path, key] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        wanted, looks = _SCALARS.get(node.tag, (None, ""))
        if wanted is None or not re.fullmatch(looks, node.value, re.DOTALL):
            fix = "请写文字、整数、true/false 或 2026-01-01 这样的日期；金额用分，比例用万分之一"
            raise self._stop(node, f"不支持“{node.value}”这种值", fix)
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except ValueError:
            value = None
        if type(value) is not wanted:
            raise self._stop(node, f"“{node.value}”不是有效的日期", "请写成 2026-01-01")
        return value

    def _stop(self, node: yaml.Node, cause: str, fix: str) -> Stop:
        return Stop(Problem(self.file, node.start_mark.line + 1, cause, fix))
