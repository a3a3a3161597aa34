"""C++ and Lua as text: what is left without comments and literals, and where functions begin and end.

No parser: it knows just enough to count lines and to look at calls, and is tested for that in tidy_test.py.
"""
import re
from typing import Iterator, NamedTuple

_TOKENS = re.compile(
    r'//[^\n]*'                                             # comment to the end of the line
    r'|/\*.*?\*/'
    r'|R"(?P<mark>[^ ()\\\n]{0,16})\(.*?\)(?P=mark)"'       # raw string
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'",                # character, not a digit separator
    re.DOTALL)


def without_literals(text: str) -> str:
    """Comments become blanks, literals become '""': lines and columns of the code stay where they are."""
    def blank(match: re.Match) -> str:
        token = match.group()
        kept = ''.join('\n' if c == '\n' else ' ' for c in token)
        return kept if token.startswith('/') else '""' + kept[2:]
    return _TOKENS.sub(blank, text)


def without_preprocessor(code: str) -> str:
    return re.sub(r'^[ \t]*#(?:[^\n\\]|\\\n|\\.)*', lambda m: '\n' * m.group().count('\n'), code, flags=re.MULTILINE)


class Function(NamedTuple):
    name: str
    line: int    # of its opening brace, from 1
    lines: int   # from the opening to the closing brace


_BRACE = re.compile('[{};]')
_MEMBER_INITIALISER = re.compile(r'\)[\w\s]*(?<!:):(?!:)[^;]*[\w>]\s*$')  # "C(int a) : a_" before its brace
_NOT_A_FUNCTION = re.compile(r'\b(namespace|class|struct|union|enum|concept)\b|(?<![=!<>])=(?!=)|^\s*$|\breturn\b')
_CONTROL = re.compile(r'\b(if|for|while|switch|catch|do|else|try)\b[^;]*$')


def functions(text: str) -> Iterator[Function]:
    """Outermost function bodies; a lambda belongs to the function that it stands in."""
    code = without_preprocessor(without_literals(text))
    start = at = 0  # of the current declaration; of the search
    while match := _BRACE.search(code, at):
        brace, at = match.start(), match.end()
        head = code[start:brace]
        if match.group() != '{':
            start = at
        elif _MEMBER_INITIALISER.search(head):
            at = closing(code, brace) + 1
        elif _opens_scope(head):
            start = at
        else:  # a function, or a table or initialiser, which is passed over
            end = closing(code, brace)
            if _opens_function(head):
                yield Function(_name(head), line_of(code, brace), code.count('\n', brace, end) + 1)
            start = at = end + 1


_TYPE = re.compile(r'\b(?:class|struct|enum(?:\s+class|\s+struct)?|union)\s+((?:\w+::)*\w+)[^;()]*$')
_NAMESPACE = re.compile(r'\bnamespace\b\s*([\w:]*)\s*$')


def types(text: str) -> Iterator[tuple[int, str]]:
    """(line, qualified name) of each type that a file defines at namespace scope with external linkage."""
    code = without_preprocessor(without_literals(text))
    start = at = 0
    scopes: list[str] = []
    while match := _BRACE.search(code, at):
        brace, at = match.start(), match.end()
        head = code[start:brace]
        start = at
        if match.group() == '}' and scopes:
            scopes.pop()
        if match.group() != '{':
            continue
        if opened := _NAMESPACE.search(head):
            scopes.append(opened.group(1))
            continue
        found = _TYPE.search(_tail(head))
        if found and '' not in scopes and 'template' not in head:
            yield line_of(code, brace), '::'.join([*scopes, found.group(1)])
        start = at = closing(code, brace) + 1


def closing(code: str, opening: int) -> int:
    """Where the brace at `opening` is closed; the end where it never is."""
    depth = 0
    for match in re.finditer('[{}]', code[opening:]):
        depth += 1 if match.group() == '{' else -1
        if depth == 0:
            return opening + match.start()
    return len(code)


def _opens_scope(head: str) -> bool:
    return re.search(r'\b(namespace|class|struct|union|enum|extern)\b', head) is not None and '(' not in _tail(head)


def _opens_function(head: str) -> bool:
    tail = _tail(head)
    if '(' not in tail or _CONTROL.search(tail):
        return False
    declaration = tail[:tail.index('(')]
    return not _NOT_A_FUNCTION.search(declaration) or 'operator' in declaration


def _tail(head: str) -> str:
    """A declaration without template parameters and attributes in front of it."""
    head = re.sub(r'\[\[.*?\]\]', ' ', head, flags=re.DOTALL)
    head = re.sub(r'\b(public|private|protected)\s*:', ' ', head)
    head = re.sub(r'\balignas\([^()]*\)', ' ', head)
    while True:
        shorter = re.sub(r'^\s*template\s*<[^<>]*(?:<[^<>]*>[^<>]*)*>', ' ', head)
        shorter = re.sub(r'^\s*requires\s+[\w:]+(?:<[^<>]*>)?', ' ', shorter)
        if shorter == head:
            return head
        head = shorter


def _name(head: str) -> str:
    found = re.search(r'([~\w:]+|operator\s*\S+?)\s*\(', _tail(head)) if head else None
    return found.group(1) if found else ''


_LUA_TOKENS = re.compile(
    r'(?:--)?\[(?P<mark>=*)\[.*?\](?P=mark)\]'            # long comment, long string
    r'|--[^\n]*'
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'",
    re.DOTALL)
_LUA_BLOCK = re.compile(r'\bfunction\b\s*([\w.:]*)|\b(?:do|if|repeat|end|until)\b')


def lua_functions(text: str) -> Iterator[Function]:
    """Each function with its own lines: those of the functions within it are theirs."""
    code = _LUA_TOKENS.sub(lambda match: re.sub(r'[^\n]', ' ', match.group()), text)
    open_blocks: list[tuple[str | None, int, list[int]]] = []  # name of a function or None, where it begins, lines within
    for match in _LUA_BLOCK.finditer(code):
        word = match.group()
        if word not in ('end', 'until'):
            name = (match.group(1) or 'function') if word.startswith('function') else None
            open_blocks.append((name, line_of(code, match.start()), []))
        elif open_blocks:
            name, line, within = open_blocks.pop()
            lines = line_of(code, match.start()) - line + 1
            if name is not None:
                yield Function(name, line, lines - sum(within))
            if open_blocks:
                open_blocks[-1][2].append(lines if name is not None else sum(within))


def line_of(text: str, at: int) -> int:
    return text.count('\n', 0, at) + 1


def awaited_calls(text: str) -> Iterator[tuple[int, str]]:
    """(line, arguments) of each `co_await f(arguments)`, to the matching parenthesis."""
    code = without_literals(text)
    for match in re.finditer(r'\bco_await\b\s*[\w:.<>\->]*\(', code):
        depth, end = 1, match.end()
        while depth > 0 and end < len(code):
            depth += {'(': 1, ')': -1}.get(code[end], 0)
            end += 1
        yield line_of(code, match.start()), code[match.end():end - 1]
