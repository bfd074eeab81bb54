// endpoint_test.cpp: tables for addresses, targets and percent escapes.
#include <gtest/gtest.h>

#include "net/http.hpp"

namespace sublet::net {
namespace {

TEST(Endpoint, Parses) {
    struct Row {
        const char* url;
        const char* host;
        int port;
        bool tls;
        const char* path;
    };
    const Row rows[] = {
        {"http://127.0.0.1:8080", "127.0.0.1", 8080, false, ""},
        {"http://example.org", "example.org", 80, false, ""},
        {"https://example.org", "example.org", 443, true, ""},
        {"https://example.org:1/", "example.org", 1, true, ""},
        {"http://[::1]:65535", "::1", 65535, false, ""},
        {"http://[fe80::1]", "fe80::1", 80, false, ""},
        {"ws://h:5", "h", 5, false, ""},
        {"wss://h", "h", 443, true, ""},
        {"unix:///run/podman/podman.sock", "", 0, false, "/run/podman/podman.sock"},
    };
    for (const Row& row : rows) {
        const auto endpoint = parse_endpoint(row.url);
        ASSERT_TRUE(endpoint) << row.url << ": " << endpoint.error().message;
        EXPECT_EQ(endpoint->host, row.host) << row.url;
        EXPECT_EQ(endpoint->port, row.port) << row.url;
        EXPECT_EQ(endpoint->tls, row.tls) << row.url;
        EXPECT_EQ(endpoint->unix_path, row.path) << row.url;
    }
}

TEST(Endpoint, RefusesWhatIsNone) {
    const std::string long_path = "unix:///" + std::string(107, 'a');
    const std::string long_host = "http://" + std::string(254, 'a');
    const std::string rows[] = {"",
                                "h:80",
                                "http://",
                                "http://:80",
                                "http://h:",
                                "http://h:0",
                                "http://h:x",
                                "http://h:1x",
                                "http://h:65536",
                                "http://h:80/path",
                                "http://u@h:80",
                                "http://h h",
                                "http://[::1",
                                "http://[::1]80",
                                "http://[]:1",
                                "ftp://h",
                                "unix://relative",
                                "unix:///",
                                "http://h:-1",
                                "http://h\r\n:80",
                                long_path,
                                long_host};
    for (const std::string& row : rows) {
        const auto endpoint = parse_endpoint(row);
        ASSERT_FALSE(endpoint) << row;
        EXPECT_EQ(endpoint.error().code, Code::kParse) << row;
    }
}

TEST(Target, SplitsAndDecodes) {
    struct Row {
        const char* target;
        const char* path;
        std::map<std::string, std::string> query;
    };
    const Row rows[] = {
        {"/", "/", {}},
        {"/a/b?x=1&y=2", "/a/b", {{"x", "1"}, {"y", "2"}}},
        {"/a%20b", "/a b", {}},
        {"/a+b?q=a+b", "/a+b", {{"q", "a b"}}},
        {"/%2e%2E/%41", "/../A", {}},
        {"/%4", "/%4", {}},
        {"/%", "/%", {}},
        {"/%zz%4g", "/%zz%4g", {}},
        {"/?", "/", {}},
        {"/?a", "/", {{"a", ""}}},
        {"/?=v&&", "/", {{"", "v"}}},
        {"/?a=1&a=2", "/", {{"a", "2"}}},
        {"/?a=b=c", "/", {{"a", "b=c"}}},
        {"/?hash=%22x%26y%22", "/", {{"hash", "\"x&y\""}}},
        {"/a#b?c=d", "/a", {}},
        {"http://h:80/p?q=1", "/p", {{"q", "1"}}},
        {"http://h", "/", {}},
        {"*", "*", {}},
    };
    for (const Row& row : rows) {
        Request request;
        request.target = row.target;
        split_target(request);
        EXPECT_EQ(request.path, row.path) << row.target;
        EXPECT_EQ(request.query, row.query) << row.target;
    }
}

TEST(Target, EncodingComesBack) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    EXPECT_EQ(percent_encode("a b/ü"), "a%20b%2F%C3%BC");
    Request request;
    request.target = "/?v=" + percent_encode(all);
    split_target(request);
    EXPECT_EQ(request.query["v"], all);
}

}  // namespace
}  // namespace sublet::net
