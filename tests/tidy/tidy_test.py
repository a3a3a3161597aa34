#!/usr/bin/env python3
"""Plants each violation that tidy.py knows and sees it found; and sees what is right left alone."""
import os
import pathlib
import tempfile
import unittest
import unittest.mock

import lua_check
import source_text
import tidy

LONG_BODY = ''.join(f'  step({i});\n' for i in range(45))

NESTED_LUA = ('local function steps()\n  local function a(b)\n' + '    if b then c() end -- end\n' * 30 + '  end\n  return function()\n'
              "    repeat for _, d in ipairs(e) do while f do g('function end') end end until h [[ function ]]\n" + '    g()\n' * 30 + '  end\nend\n')

PLANTED = {  # what is wrong -> (file, text, part of the finding)
    'connectors include rules': ('connectors/a.cpp', '#include "rules/rule_set.hpp"\n', 'must not include "rules/'),
    'event includes anything': ('event/a.hpp', '// Why.\n#include "store/store.hpp"\n', 'must not include "store/'),
    'rules include connectors': ('rules/a.cpp', '#include "connectors/connector.hpp"\n', 'must not include'),
    'coordination includes store': ('coordination/a.cpp', '  #  include "store/store.hpp"\n', 'must not include'),
    'store includes gateway': ('store/a.cpp', '#include "gateway/telemetry/log.hpp"\n', 'must not include'),
    'a relative include': ('store/a.cpp', '#include "store.hpp"\n', 'from the root'),
    'hiredis in the gateway': ('gateway/a.cpp', '#include <hiredis/hiredis.h>\n', 'behind its seam'),
    'Beast outside its files': ('gateway/api/a.cpp', '#include <boost/beast/core.hpp>\n', 'behind its seam'),
    'a room that includes a later one': ('rules/pattern/a.cpp', '#include "rules/lint/lint.hpp"\n', 'rooms are in the order of ROOMS'),
    'a provider that includes another one': ('connectors/jira/a.cpp', '#include "connectors/linear/body.hpp"\n', 'rooms are in the order of ROOMS'),
    'what stands before the providers and includes one': ('connectors/request/a.cpp', '#include "connectors/new_one/body.hpp"\n',
                                                          'rooms are in the order of ROOMS'),
    'a room that nobody knows': ('store/attic/a.cpp', '#include "store/store.hpp"\n', 'store/attic is no room'),
    'a room without an include': ('gateway/attic/a.hpp', '// Why.\n', 'gateway/attic is no room'),
    'a room of a folder that has none': ('coordination/tasks/a.hpp', '// Why.\n', 'coordination/tasks is no room'),
    'a room below one': ('event/json/inner/a.cpp', '', 'event/json/inner is no room'),
    'a test that writes a document without being found for it': ('tests/rules/a_test.cpp', 'TEST_CASE("a", "[b]") {\n  check_section("docs/a.md", "b", c());\n}\n',
                                                                 'has no tag [docs]'),
    'a file over the soft limit': ('store/a.cpp', '// line\n' * 301, '301 lines'),
    'a file over the hard limit': ('tests/store/a.cpp', '// line\n' * 501, 'at most 500'),
    'a long script': ('deploy/thing', 'true\n' * 301, '301 lines'),
    'a long function': ('store/a.cpp', f'void Store::act() const noexcept {{\n{LONG_BODY}}}\n', 'Store::act has 47 lines'),
    'a long constructor': ('store/a.cpp', f'Store::Store(int a) : a_{{a}}, b_(2) {{\n{LONG_BODY}}}\n', 'Store::Store has 47'),
    'a long member': ('store/a.hpp', f'// Why.\nnamespace n {{\nclass A {{\n public:\n  template <class T>\n  int f(T t) {{\n{LONG_BODY}  }}\n}};\n}}\n',
                      'f has 47 lines'),
    'a long operator': ('store/a.cpp', f'bool A::operator==(const A& o) const {{\n{LONG_BODY}}}\n', '47 lines'),
    'a long coroutine': ('store/a.cpp', f'Task<Result<bool>> ping(Deadline d) {{\n{LONG_BODY}}}\n', 'ping has 47 lines'),
    'a long function of Lua': ('store/script/a.lua', f'local function act(a)\n{LONG_BODY.replace(";", "")}end\n', 'act has 47 lines'),
    'a very long test': ('tests/store/a.cpp', f'TEST_CASE("a claim") {{\n{LONG_BODY}{LONG_BODY}}}\n', 'TEST_CASE has 92 lines, at most 70'),
    'a file called util': ('gateway/util.cpp', '', 'a name that says nothing'),
    'a folder called common': ('common/a.cpp', '', 'a name that says nothing'),
    'a file of helpers': ('tests/store/redis_helpers.cpp', '', 'a name that says nothing'),
    'a manager': ('store/a.cpp', 'class LeaseManager {};\n', 'LeaseManager'),
    'a header without its why': ('store/a.hpp', '#pragma once\n', 'opens with why'),
    'an awaited aggregate': ('store/a.cpp', 'co_await store.receive(ReceiveRequest{"m", 1}, deadline);\n', 'aggregate temporary'),
    'an awaited qualified aggregate': ('store/a.cpp', 'x = co_await f(a, signalbox::Append{"m"});\n', 'aggregate temporary'),
    'an awaited nameless aggregate': ('store/a.cpp', 'co_await f(\n    {.mailbox = m,\n .max = 1});\n', 'aggregate temporary'),
    'something left open': ('docs/a.md', 'TO' 'DO: write this\n', 'TO' 'DO'),
    'a path of this machine': ('docs/a.md', 'see /wo' 'rk/notes\n', '/wo' 'rk/'),
    'a registry in a lock file': ('tests/e2e/package-lock.json', '"resol' 'ved": "x"\n', 'resol' 'ved'),
    'a sleep in C++': ('tests/store/a.cpp', 'std::this_thread::sleep_for(1s);\n', 'with a deadline'),
    'a sleep in a script': ('tests/e2e/a.mjs', 'await new Promise((r) => setTimeout(r, 100));\n', 'with a deadline'),
    'a test that cannot fail': ('tests/store/a.cpp', 'REQUIRE( true );\n', 'cannot fail'),
}

RIGHT = {
    'gateway joins all': ('gateway/a.cpp', '#include "store/store.hpp"\n#include "connectors/connector.hpp"\n#include "gateway/telemetry/log.hpp"\n'),
    'a file of 300 lines': ('store/a.cpp', '// line\n' * 300),
    'a long table': ('store/a.cpp', 'constexpr std::array<Row, 60> rows{{\n' + '    {"a", 1},\n' * 60 + '}};\n'),
    'a long namespace and class': ('store/a.cpp', 'namespace {\nstruct A {\n' + '  int a(int b) { return b; }\n' * 60 + '};\n}\n'),
    'braces in literals': ('store/a.cpp', 'void f() {\n  g("{{{", \'{\', R"({{)");  // {{{\n}\nvoid g() {\n  h(1\'000\'000);\n}\n' + '\n' * 60),
    'a long function of Lua whose lines are those of two within it': ('store/script/a.lua', NESTED_LUA),
    'named arguments': ('store/a.cpp', 'const Append append{"m"};\nco_await store.commit(append, Deadline{now});\n'),
    'a lambda that is awaited': ('store/a.cpp', 'co_await async(token, [this](auto f) { Append a{"m"}; f(a); });\n'),
    'an aggregate that is returned': ('store/a.cpp', 'co_return Error{Reason::draining, {}};\n'),
    'a comment that names what is forbidden': ('store/a.cpp', '// class LeaseManager would say nothing; co_await f(A{1})\n'),
    'a test with its fixture beside it, over the soft limit': ('tests/store/a.cpp', '#include "fixture.hpp"\n' + '// line\n' * 400),
    'words that only look alike': ('event/commonmark.cpp', 'int total_base_cost;\n'),
}


def findings_of(path: str, text: str) -> list[str]:
    return findings_of_files({path: text})


def findings_of_files(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as directory:
        for path, text in files.items():
            file = pathlib.Path(directory, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return [str(finding) for finding in tidy.check_tree(pathlib.Path(directory))]


class Planted(unittest.TestCase):
    def setUp(self):
        # The exceptions of this project's own files are none of a planted tree's.
        for name in ('LONG_FILES', 'LONG_FUNCTIONS'):
            patched = unittest.mock.patch.object(tidy.checks, name, {})
            patched.start()
            self.addCleanup(patched.stop)

    def test_each_violation_is_found_and_nothing_else(self):
        for name, (path, text, expected) in PLANTED.items():
            with self.subTest(name):
                found = findings_of(path, text)
                self.assertEqual(1, len(found), found)
                self.assertIn(expected, found[0])

    def test_what_is_right_is_left_alone(self):
        for name, (path, text) in RIGHT.items():
            with self.subTest(name):
                self.assertEqual([], findings_of(path, text))

    def test_a_second_file_with_hiredis_is_found(self):
        found = findings_of_files({f'store/redis/{name}.cpp': '#include <hiredis/hiredis.h>\n' for name in 'ab'})
        self.assertEqual(1, len(found), found)
        self.assertIn('included by 2 files', found[0])

    def test_a_folder_of_many_files_needs_rooms(self):
        files = {f'event/a{number}.cpp': '' for number in range(30)}
        self.assertEqual([], findings_of_files(files))
        self.assertIn('31 files, at most 30', findings_of_files({**files, 'event/b.cpp': ''})[0])

    def test_two_types_of_one_name_are_found(self):
        one = '// Why.\nnamespace signalbox {\nstruct Send : Base {\n  int a;\n};\n}\n'
        found = findings_of_files({'rules/a.hpp': one, 'store/b.cpp': one.replace('struct Send', 'class Send final')})
        self.assertEqual(1, len(found), found)
        self.assertIn('signalbox::Send is another type in rules/a.hpp', found[0])

    def test_what_two_files_hide_alike_is_found(self):
        def hidden(code):
            return f'namespace signalbox {{\nnamespace {{\n\n{code}\n\n}}  // namespace\n}}\n'
        same = hidden('constexpr int most = 3;')
        found = findings_of_files({'rules/a.cpp': same, 'rules/b.cpp': same})
        self.assertEqual(1, len(found), found)
        self.assertIn('most is hidden in rules/a.cpp too', found[0])
        built = hidden('const std::string mark(3, \'x\');')
        self.assertEqual(1, len(findings_of_files({'tests/store/a.cpp': built, 'tests/store/b.cpp': built})))
        function = hidden('Error wrong(std::string what) {\n  return {};\n}')
        renamed = hidden('int g(int a) {\n  return a;\n}\nError wrong(std::string text) {\n  return {};\n}')
        self.assertEqual(1, len(findings_of_files({'rules/lint/a.cpp': function, 'rules/b.cpp': renamed})))

    def test_what_does_not_meet_in_a_joined_file_is_left_alone(self):
        hidden = 'namespace signalbox {\nnamespace {\n\nint f(const std::map<int, int>& a) {\n  return 0;\n}\nclass A {\n  int g() { return 1; }\n};\n\n}  // namespace\n}\n'
        other = hidden.replace('class A', 'class B').replace('int>& a', 'long>& a')
        outside = 'namespace signalbox {\nint h() {\n  return 0;\n}\n}\n'
        self.assertEqual([], findings_of_files({'rules/a.cpp': hidden, 'rules/b.cpp': other, 'store/a.cpp': hidden,
                                                'connectors/a.cpp': hidden, 'connectors/b.cpp': hidden.replace('class A', 'class C'), 'gateway/c.cpp': outside}))

    def test_types_that_do_not_meet_are_left_alone(self):
        hidden = 'namespace signalbox {\nnamespace {\nstruct Send {\n  int a;\n};\n}\n}\n'
        other = 'namespace signalbox::api {\nstruct Send;\nstruct Send {\n  struct Inner {};\n};\nvoid f(struct Send s) {\n}\n}\n'
        in_test = 'struct Fixture {\n};\n'
        self.assertEqual([], findings_of_files({'rules/a.cpp': hidden, 'store/b.cpp': hidden, 'store/c.cpp': other,
                                                'tests/store/a.cpp': in_test, 'tests/rules/a.cpp': in_test}))

    def test_a_limit_without_a_row_is_found_and_so_is_a_row_without_its_limit(self):
        tree = {
            'store/a.hpp': '// Why.\nclass A {\n  static constexpr Milliseconds wait_timeout{5};\n  std::size_t waiting_max = 4;\n  std::size_t looked_max = 0;\n};\ninline constexpr Milliseconds shown_window{7 * 2};\ninline constexpr std::size_t names_max =\n    3;\n',
            'store/script/a.lua': 'local HEADS_MAX, place = 200, 3\nlocal given_max = tonumber(ARGV[1])\n',
            'tests/limits/store.cpp': 'Limit a[]{{"store/a.hpp:wait_timeout", 5}, {"store/a.hpp:waiting_max", 4}, {"store/script/a.lua:HEADS_MAX", 200}};\n',
            'tests/store/a_test.cpp': 'TEST_CASE("a claim that is "\n          "long") {}\n',
            'tests/limits/not_held.txt': 'store/a.hpp:shown_window | 7 * 2 | a test would have to wait for so long in the program\n',
            'tests/limits/tested_there.txt': '# why\nstore/a.hpp:names_max | tests/store/a_test.cpp | a claim that is long\n',
        }
        self.assertEqual([], findings_of_files(tree))
        for path, old, new, expected in (
                ('store/a.hpp', 'names_max', 'texts_max', ['names_max is no limit any more', 'texts_max has no row']),
                ('tests/limits/store.cpp', 'waiting_max', 'names_max', ['names_max is in the table already', 'waiting_max has no row']),
                ('store/script/a.lua', 'place = 200', 'left_max = 200', ['left_max has no row']),
                ('tests/limits/store.cpp', 'HEADS', 'LEFT', ['LEFT_MAX is no limit any more', 'HEADS_MAX has no row']),
                ('tests/store/a_test.cpp', 'long', 'longer', ['has no test "a claim that is long"']),
                ('tests/limits/tested_there.txt', 'a.hpp:names_max', 'a.hpp:wait_timeout', ['is in the table already', 'names_max has no row']),
                ('store/a.hpp', 'shown_window{7 * 2}', 'shown_window{7 * 3}', ['shown_window is 7 * 3 now']),
                ('store/a.hpp', 'shown_window{7 * 2}', 'shown_window = 7 * 3', ['shown_window is 7 * 3 now']),
                ('tests/limits/not_held.txt', 'a test would have to wait for so long in the program', 'it is long', ['needs a reason']),
                ('tests/limits/not_held.txt', ':shown_window', ':names_max', ['names_max is in the table already', 'names_max is 3 now', 'shown_window has no row']),
                ('tests/limits/tested_there.txt', ' | a claim', ', a claim', ['not <file>:<constant>', 'names_max has no row'])):
            with self.subTest(path + old):
                found = findings_of_files(tree | {path: tree[path].replace(old, new)})
                self.assertEqual(len(expected), len(found), found)
                for part in expected:
                    self.assertTrue(any(part in one for one in found), found)

    def test_what_the_page_and_comments_tell_is_held_against_the_tree(self):
        page = ' '.join(f'`{room}`' for order in tidy.checks.ROOMS.values() for room in order) + '\n| E1 | a promise |\n'
        tree = {'docs/ARCHITECTURE.md': page, 'store/a.hpp': '// Keeps E1 as store/a.hpp says.\n', 'tests/store/a_test.cpp': ''}
        self.assertEqual([], findings_of_files(tree))
        for path, old, new, expected in (
                ('docs/ARCHITECTURE.md', '`cli/contract`', '', 'does not say what the room gateway/cli/contract holds'),
                ('store/a.hpp', 'E1', 'M2', 'M2 is no promise'),
                ('store/a.hpp', 'store/a.hpp', 'tests/store/b_test.cpp', 'tests/store/b_test.cpp is not there'),
                ('store/a.hpp', 'store/a.hpp', 'DESIGN.md', 'DESIGN.md is not there')):
            with self.subTest(new):
                found = findings_of_files(tree | {path: tree[path].replace(old, new)})
                self.assertEqual(1, len(found), found)
                self.assertIn(expected, found[0])
        self.assertIn('tests of a room that store/ does not have', findings_of_files(tree | {'tests/store/attic/a_test.cpp': ''})[0])

    def test_an_exception_that_is_not_needed_is_found(self):
        tidy.checks.LONG_FUNCTIONS['store/a.cpp:f'] = 'was long once'
        try:
            self.assertIn('needs it no more', ' '.join(findings_of('store/a.cpp', 'void f() {\n}\n')))
        finally:
            del tidy.checks.LONG_FUNCTIONS['store/a.cpp:f']

    def test_functions_are_found_with_their_lengths(self):
        text = 'namespace n {\nint a() {\n  if (x) {\n    y();\n  }\n}\nauto B::c() const -> int { return [] { return 1; }(); }\n}\n'
        self.assertEqual([('a', 5), ('B::c', 1)], [(f.name, f.lines) for f in source_text.functions(text)])

    def test_functions_of_lua_are_found_with_their_own_lines(self):
        text = 'local function a(b)\n  if b then\n    return function() --[[ end\n    end ]] end\n  end\nend\nfunction c.d:e()\n  f("end")\nend\n'
        self.assertEqual([('function', 2), ('a', 4), ('c.d:e', 3)], [(f.name, f.lines) for f in source_text.lua_functions(text)])


PART = 'local function now()\n  local unused = 1\n  return 2\nend\nlocal LEFT = 1\n'


class Lua(unittest.TestCase):
    def check(self, **scripts: str) -> list[str]:
        with tempfile.TemporaryDirectory() as directory:
            folder = pathlib.Path(directory, lua_check.SCRIPTS)
            folder.mkdir(parents=True)
            for name, text in scripts.items():
                (folder / f'{name}.lua').write_text(text)
            return lua_check.check(os.environ.get('LUACHECK', 'luacheck'), pathlib.Path(directory))

    def test_what_is_wrong_in_a_script_or_in_a_part_is_found_where_it_stands(self):
        script = '-- With: part.\nlocal a = now() + LEFT\nb = a\nreturn os.time()\n'
        found = self.check(part=PART, whole=script)
        self.assertEqual(3, len(found), found)
        for expected in ('part.lua:2: unused variable', "whole.lua:3: setting non-standard global variable 'b'",
                         "whole.lua:4: accessing undefined variable 'os'"):
            self.assertIn(expected, ' '.join(found))

    def test_a_part_is_used_where_one_script_uses_it(self):
        part = PART.replace('  local unused = 1\n', '')
        self.assertEqual([], self.check(part=part, a='-- With: part.\nreturn now()\n', b='-- With: part.\nreturn LEFT\n'))
        found = self.check(part=part, a='-- With: part.\nreturn now()\n', b='-- With: part.\nreturn now()\n')
        self.assertEqual(1, len(found), found)
        self.assertIn("part.lua:4: unused variable 'LEFT'", found[0])

    def test_a_part_that_stands_in_front_of_nothing_is_found(self):
        self.assertIn('stands in front of no script', ' '.join(self.check(part='local a = 1\nreturn a\n')))


if __name__ == '__main__':
    unittest.main()
