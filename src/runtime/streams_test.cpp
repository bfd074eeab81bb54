// streams_test.cpp: the stream decoders, each fed whole and byte by byte.
#include "runtime/streams.hpp"

#include <gtest/gtest.h>

namespace sublet::runtime {
namespace {

std::string frame(int stream, const std::string& data) {
    std::string out(8, '\0');
    out[0] = static_cast<char>(stream);
    out[6] = static_cast<char>(data.size() / 256);
    out[7] = static_cast<char>(data.size() % 256);
    return out + data;
}

struct Read {
    std::string out, err;
    bool failed = false;
};

Read read_all(const std::string& bytes, std::size_t step) {
    FrameReader reader;
    Read read;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
        const auto pieces = reader.feed(std::string_view(bytes).substr(i, step));
        if (!pieces) {
            read.failed = true;
            return read;
        }
        for (const auto& piece : *pieces) {
            (piece.err ? read.err : read.out) += piece.data;
        }
    }
    return read;
}

TEST(FrameReader, Table) {
    struct Row {
        std::string bytes, out, err;
        bool failed;
    };
    const std::string large(300, 'x');
    const Row rows[] = {
        {frame(1, "hello\n") + frame(2, "oh\n") + frame(1, "again\n"), "hello\nagain\n", "oh\n", false},
        {frame(1, large) + frame(2, ""), large, "", false},
        {"plain terminal\n", "plain terminal\n", "", false},
        {std::string("\x01 odd"), "\x01 odd", "", false},  // starts as a frame does, is none
        {frame(1, "a") + "not a frame header", "a", "", true},
        {std::string("\x01\0\0\0\xff\xff\xff\xff", 8), "", "", true},
    };
    for (const auto& row : rows) {
        for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{4096}}) {
            const Read read = read_all(row.bytes, step);
            EXPECT_EQ(read.failed, row.failed) << row.bytes << " step " << step;
            if (!row.failed) {
                EXPECT_EQ(read.out, row.out);
                EXPECT_EQ(read.err, row.err);
            }
        }
    }
}

TEST(LineCutter, KeepsStreamsApartAndCutsLongLines) {
    LineCutter cutter(true);
    std::vector<LogLine> lines;
    const auto feed = [&](bool err, const std::string& data) {
        for (auto& line : cutter.feed(err, data)) {
            lines.push_back(std::move(line));
        }
    };
    feed(false, "2026-11-23T17:07:28.5Z one\r\n2026-11-2");
    feed(true, "2026-11-23T17:07:29Z bad\n");
    feed(false, "3T17:07:30Z two");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].time, "2026-11-23T17:07:28.5Z");
    EXPECT_EQ(lines[0].text, "one");
    EXPECT_TRUE(lines[1].err);
    const auto rest = cutter.finish();
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].text, "two");
    LineCutter plain(false);
    const auto parts = plain.feed(false, std::string(kMaxLogLineBytes + 10, 'y') + "\n");
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].text.size(), kMaxLogLineBytes);
    EXPECT_EQ(parts[1].text.size(), 10U);
}

TEST(JsonLines, SplitsWhereverTheEngineDoes) {
    const std::string text = R"({"a":"}{\"","n":{"b":1}})"
                             "\n"
                             R"({"c":2}{"d":3})";
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, text.size()}) {
        JsonLines lines;
        std::vector<Json> all;
        for (std::size_t i = 0; i < text.size(); i += step) {
            auto some = lines.feed(std::string_view(text).substr(i, step));
            ASSERT_TRUE(some);
            all.insert(all.end(), some->begin(), some->end());
        }
        ASSERT_EQ(all.size(), 3U);
        EXPECT_EQ(text_at(all[0], {"a"}), "}{\"");
        EXPECT_EQ(number_at(all[2], {"d"}), 3U);
    }
    JsonLines bad;
    EXPECT_EQ(bad.feed("{nope}").error().code, Code::kParse);
    JsonLines endless;
    EXPECT_EQ(endless.feed("{\"x\":\"" + std::string(kMaxJsonLineBytes + 1, 'x')).error().code, Code::kTooLarge);
}

TEST(PullMeter, CountsLayersAndFindsErrorsInside) {
    PullMeter meter;
    ASSERT_TRUE(meter.take({{"status", "Pulling fs layer"}, {"id", "aa"}}));
    ASSERT_TRUE(meter.take({{"status", "Already exists"}, {"id", "bb"}}));
    auto half = meter.take(
        {{"status", "Downloading"}, {"id", "aa"}, {"progressDetail", {{"current", 5'000'000}, {"total", 10'000'000}}}});
    ASSERT_TRUE(half);
    EXPECT_EQ(half->layers, 2U);
    EXPECT_EQ(half->layers_done, 1U);
    EXPECT_EQ(half->done_bytes, 5'000'000U);
    EXPECT_EQ(half->total_bytes, 10'000'000U);
    auto whole = meter.take({{"status", "Download complete"}, {"id", "aa"}});
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->status, "downloaded 2 of 2 layers, 10 MB");
    auto error = meter.take({{"error", "manifest unknown"}});
    ASSERT_FALSE(error);
    EXPECT_EQ(error.error().code, Code::kImage);
    EXPECT_EQ(error.error().message, "manifest unknown");
}

}  // namespace
}  // namespace sublet::runtime
