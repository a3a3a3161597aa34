"""Names in unnamed namespaces, which meet where a folder is built joined (CMAKE_UNITY_BUILD, cmake/options.cmake).

`dev` compiles file by file and does not notice; which files are joined changes with every file that is added.
"""
import re
from typing import Iterator, NamedTuple

import source_text


class HiddenName(NamedTuple):
    line: int
    name: str
    key: str  # equal where the compiler would see one thing defined twice


_BLOCK = re.compile(r'^namespace \{$', re.MULTILINE)
_CONSTANT = re.compile(r'^(?:inline |static |thread_local )*const(?:expr|init)?\s[^;({=]*?\b(\w+)(?:\[\w*\])?\s*[{=;]|^const\s[^;({=]*?\b(\w+)\(', re.MULTILINE)
_FUNCTION = re.compile(r'^(?=\S)(?!(?:using|namespace|class|struct|enum|template|typedef|return|static_assert)\b)(?:\[\[\w+\]\] )?[\w:<>,&*\s]+?[\s&*](\w+)\(([^;{}]*)\)[^;{}()]*\{',
                       re.MULTILINE)


def hidden_names(text: str) -> Iterator[HiddenName]:
    """Constants and functions at the top of unnamed namespaces; what stands indented is inside of something else."""
    code = source_text.without_preprocessor(source_text.without_literals(text))
    for block in _BLOCK.finditer(code):
        begin = block.end()
        inside = code[begin:source_text.closing(code, begin - 1)]
        for match in _CONSTANT.finditer(inside):
            name = match[match.lastindex]
            yield HiddenName(source_text.line_of(code, begin + match.start(match.lastindex)), name, name)
        for match in _FUNCTION.finditer(inside):
            key = f'{match.group(1)}({_types(match.group(2))})'
            yield HiddenName(source_text.line_of(code, begin + match.start(1)), match.group(1), key)


def _types(parameters: str) -> str:
    """Of "const Row& row, int n = 0" "const Row&,int": overloads may share a name."""
    types = []
    for parameter in _at_top(parameters):
        kind = ' '.join(parameter.split('=')[0].split())
        types.append(re.sub(r'(?<=[\w>&*])\s*(?<!::)\b\w+$', '', kind) if re.search(r'[\s&*>]\w+$', kind) else kind)
    return ','.join(types)


def _at_top(parameters: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, character in enumerate(parameters):
        depth += (character in '<([') - (character in '>)]')
        if character == ',' and depth == 0:
            yield parameters[start:at]
            start = at + 1
    if parameters[start:].strip():
        yield parameters[start:]
