// routes_test.cpp: the table of routes: its document is the committed one, and each refusal is where it should be.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "api/routes.hpp"

namespace sublet::api {
namespace {

// UPDATE_GOLDEN=1 writes the file anew; the difference is for a person to read.
TEST(Routes, TheCommittedDocumentIsTheTables) {
    const std::string path = SUBLET_SOURCE_DIR "/docs/openapi.json";
    const std::string now = Json::parse(openapi_json()).dump(2) + "\n";
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream{path} << now;
    }
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), now) << "run UPDATE_GOLDEN=1 build/api_test and read the difference in docs/openapi.json";
}

TEST(Routes, EveryRowIsWhole) {
    for (const Route& route : routes()) {
        EXPECT_TRUE(route.method == "GET" || route.method == "POST") << route.path;
        EXPECT_NE(route.handler, nullptr) << route.path;
        EXPECT_FALSE(route.summary.empty()) << route.path;
        EXPECT_FALSE(route.answers.empty()) << route.path;
        for (const std::string_view name : path_names(route.path)) {
            EXPECT_EQ(std::ranges::count(route.parameters, name, &Parameter::name), 1) << route.path << " " << name;
        }
    }
}

}  // namespace
}  // namespace sublet::api
