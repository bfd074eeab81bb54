// test_official.hpp: tables of what Akash's compiler answers for the full file with one piece exchanged.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sdl/akash_record.hpp"
#include "sdl/sdl.hpp"
#include "sdl/test_files.hpp"

namespace sublet::sdl {

struct OfficialRow {
    std::string value;
    // The JSON at the field's pointer, or "absent"; "@/path /path": invalid, with every finding at one of these;
    // "@": invalid, the compiler stumbles and names no path; "!": no YAML.
    std::string want;
};

struct OfficialField {
    std::string from;
    std::string to;       // % is the value
    std::string pointer;  // into the record
    std::vector<OfficialRow> rows;
};

inline void expect_official_answer(const OfficialField& field, const OfficialRow& row) {
    using nlohmann::json;
    std::string to = field.to;
    to.replace(to.find('%'), 1, row.value);
    const std::string shown = field.from + " → " + to;
    const json record = json::parse(akash_record("f", parse_official(with(field.from, to), "f")));
    if (row.want == "!") {
        EXPECT_EQ(record["status"], "yaml-error") << shown;
        return;
    }
    if (row.want.starts_with('@')) {
        ASSERT_EQ(record["status"], "invalid") << shown;
        for (const json& error : record["errors"]) {
            const std::string path = error["path"];
            const bool listed = (" " + row.want.substr(1) + " ").find(" " + path + " ") != std::string::npos;
            EXPECT_TRUE(listed || row.want == "@") << shown << "\nat " << path << ", wanted " << row.want;
        }
        return;
    }
    ASSERT_EQ(record["status"], "ok") << shown << "\n" << record.dump();
    const json::json_pointer pointer(field.pointer);
    EXPECT_EQ(record.contains(pointer) ? record[pointer].dump() : "absent", row.want) << shown;
}

inline void expect_official_answers(const OfficialField& field) {
    for (const OfficialRow& row : field.rows) {
        expect_official_answer(field, row);
    }
}

}  // namespace sublet::sdl
