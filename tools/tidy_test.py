#!/usr/bin/env python3
"""tidy_test.py: every rule of tidy.py, layers.py and symbols.py bites on a line that breaks it and spares one that does not."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import layers
import symbols
import tidy

HEAD = "// a.cpp: an example.\n// Deterministic.\n"

# (rule, path, a text that breaks it, a text that does not); the opening lines are added.
ROWS = [
    ("clock", "src/ledger/a.cpp", "#include <chrono>\n", "// #include <chrono>\n"),
    ("clock", "src/ledger/a.cpp", "auto t = std::chrono::steady_clock::now();\n", 'auto t = "steady_clock";\n'),
    ("random", "src/app/a.cpp", "#include <random>\n", "int random_looking = 1;\n"),
    ("random", "src/app/a.cpp", "int x = rand();\n", "int x = strand(1);\n"),
    ("hash-order", "src/modules/bank/a.cpp", "#include <unordered_map>\n", "#include <map>\n"),
    ("hash-order", "src/modules/bank/a.cpp", "std::unordered_set<int> s;\n", "std::set<int> s;\n"),
    ("thread", "src/codec/a.cpp", "#include <mutex>\n", "#include <string>\n"),
    ("thread", "src/codec/a.cpp", "thread_local int x;\n", "int thread_count;\n"),
    ("io", "src/crypto/a.cpp", "#include <fstream>\n", "#include <span>\n"),
    ("regex", "src/crypto/a.cpp", "#include <regex>\n", "#include <string_view>\n"),
    ("float", "src/base/a.cpp", "double x = 0;\n", "int doubled = 0;  // a double\n"),
    ("float", "src/base/a.cpp", "#include <cmath>\n", "#include <cstdint>\n"),
    ("locale", "src/base/a.cpp", "int x = std::stoi(s);\n", "std::from_chars(a, b, x);\n"),
    ("throw", "src/base/a.cpp", "throw 1;\n", "int throws = 1'000'000;\n"),
    ("clock", "src/codec/a.cpp", "#include <ctime>\n", "#include <cstring>\n"),
    ("todo", "src/net/a.cpp", "// TODO later\n", "// TODO(#12) later\n"),
    ("fixme", "src/net/a.cpp", "// FIXME\n", "// fix me up\n"),
    ("assert", "src/net/a.cpp", "assert(x);\n", "static_assert(x); SUBLET_ASSERT(x);\n"),
    ("history", "src/net/a.cpp", "// Previously a map.\n", 'auto s = "Previously";\n'),
    ("new", "src/net/a.cpp", "auto* x = new Thing();\n", "// a new thing\nauto new_thing = 1;\n"),
    ("new", "src/net/a.cpp", "f(new Thing{});\n", "return std::unique_ptr<Thing>{new Thing{x, y}};\n"),
    ("length", "src/net/a.cpp", "\n" * 401, "\n" * 300),
    ("length", "src/net/a.hpp", "\n" * 151, "\n" * 100),
]


class Tidy(unittest.TestCase):
    def rules(self, path, text):
        name = pathlib.PurePosixPath(path).name
        return {rule for rule, _, _ in tidy.source_findings(path, HEAD.replace("a.cpp", name) + text)}

    def test_each_rule_bites_and_spares(self):
        for rule, path, bad, good in ROWS:
            with self.subTest(rule=rule, bad=bad[:40]):
                self.assertIn(rule, self.rules(path, bad))
                self.assertNotIn(rule, self.rules(path, good))

    def test_no_rule_is_without_a_row(self):
        named = {rule for rule, *_ in tidy.DETERMINISTIC_BANS + tidy.EVERYWHERE_BANS}
        self.assertEqual(set(), named - {row[0] for row in ROWS})

    def test_effects_half_and_tests_may(self):
        self.assertEqual(set(), self.rules("src/net/a.cpp", "#include <chrono>\ndouble x = 0;\n"))
        self.assertEqual(set(), self.rules("src/base/a_test.cpp", "#include <chrono>\ndouble x = 0;\n"))

    def test_opening(self):
        self.assertEqual(["opening"], [r for r, _, _ in tidy.opening_findings("src/net/b.cpp", "// a.cpp: wrong name.\n")])
        self.assertEqual(["opening"], [r for r, _, _ in tidy.opening_findings("src/base/b.cpp", "// b.cpp: not said to be.\n")])
        self.assertEqual([], list(tidy.opening_findings("src/base/b.cpp", "// b.cpp: right.\n// Deterministic.\n")))
        self.assertEqual([], list(tidy.opening_findings("src/base/b.cpp", "// b.cpp: right. Deterministic. Spec: x.\nint a;\n")))

    def test_machine_path(self):
        self.assertTrue(list(tidy.text_findings("README.md", "cd /wor" + "k/main\n")))
        self.assertFalse(list(tidy.text_findings("README.md", "src/network/http.hpp\n")))

    def test_ratchet_moves_one_way(self):
        self.assertTrue(list(tidy.ratchet_findings({}, {"new a": 1}, None)))
        self.assertTrue(list(tidy.ratchet_findings({"new a": 2}, {"new a": 2}, {"new a": 1})))
        self.assertFalse(list(tidy.ratchet_findings({"new a": 1}, {"new a": 1}, {"new a": 2})))


class Layers(unittest.TestCase):
    ROOMS = layers.rooms_of("sublet_layer(base)\nsublet_layer(codec DEPS base)\n sublet_layer(net  DEPS base LIBS Boost::headers)\n"
                            "sublet_layer(modules DEPS codec)\nsublet_layer(client DEPS net)\n")

    def bad(self, path, text):
        return bool(layers.findings_of(self.ROOMS, path, text)[0])

    def test_directions(self):
        rows = [
            ("base/a.cpp", '#include "codec/b.hpp"\n', True), ("codec/a.cpp", '#include "base/b.hpp"\n', False),
            ("modules/a.cpp", '#include "base/b.hpp"\n', False), ("net/a.cpp", '#include "codec/b.hpp"\n', True),
            ("net/a.cpp", '#include "local.hpp"\n', True), ("main.cpp", '#include "net/b.hpp"\n', False),
            ("modules/bank/a.cpp", '#include "modules/market/b.hpp"\n', True),
            ("modules/market/a.cpp", '#include "modules/bank/b.hpp"\n', False),
            ("modules/market/a.cpp", '#include "modules/novel/b.hpp"\n', True),
        ]
        for path, text, expected in rows:
            with self.subTest(path=path, text=text):
                self.assertEqual(expected, self.bad(path, text))

    def test_libraries(self):
        rows = [
            ("net/a.cpp", "#include <boost/beast.hpp>\n", False), ("base/a.cpp", "#include <boost/beast.hpp>\n", True),
            ("client/a.cpp", "#include <boost/asio/steady_timer.hpp>\n", False), ("client/a.cpp", "#include <boost/beast/http.hpp>\n", True),
            ("codec/a.cpp", "#include <boost/asio/steady_timer.hpp>\n", True),
            ("base/a.cpp", "#include <Eigen/Dense>\n", True), ("base/a.cpp", "#include <vector>\n#include <sys/types.h>\n", False),
            ("base/a_test.cpp", "#include <gtest/gtest.h>\n", False), ("base/a.cpp", "#include <gtest/gtest.h>\n", True),
        ]
        for path, text, expected in rows:
            with self.subTest(path=path, text=text):
                self.assertEqual(expected, self.bad(path, text))


class Symbols(unittest.TestCase):
    def test_names(self):
        rows = [
            ("U std::chrono::_V2::system_clock::now()", True), ("U std::chrono::_V2::steady_clock::now()", True),
            ("U std::random_device::_M_getval()", True), ("U std::__detail::_Prime_rehash_policy::_M_next_bkt(unsigned long) const", True),
            ("U pthread_create", True), ("U pow", True), ("U log", True), ("U clock_gettime", True), ("U getenv", True),
            ("U std::random_device::_M_init(std::string const&)", True), ("U secp256k1_ecdsa_sign", False),
            ("U sublet::ledger::log_entry()", False), ("U memcpy", False), ("U sublet::power(int)", False),
        ]
        for line, expected in rows:
            with self.subTest(line=line):
                self.assertEqual(expected, bool(symbols.forbidden(line)))


if __name__ == "__main__":
    unittest.main()
