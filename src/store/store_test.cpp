// store_test.cpp: commit, load and reopen; damage and foreign folders are refused with a sentence or change nothing.
#include "store/store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <random>

namespace sublet::store {
namespace {

namespace fs = std::filesystem;

class Folder {
public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "sublet-store-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(root_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] fs::path path() const { return root_ / "ledger"; }
    [[nodiscard]] fs::path root() const { return root_; }

private:
    fs::path root_;
};

Hash hash_of(std::uint8_t byte) {
    Hash out{};
    out.fill(byte);
    return out;
}

StoredTx make_tx(Height height, std::uint32_t index, const std::string& sender) {
    Hash hash = hash_of(static_cast<std::uint8_t>(height.value()));
    hash[0] = static_cast<std::uint8_t>(index);
    return {.height = height,
            .index = index,
            .hash = hash,
            .bytes = "tx" + std::to_string(index),
            .log = "fine",
            .gas_wanted = 10,
            .gas_used = 7,
            .events = {{"message", {{"sender", sender}, {"action", "send"}}},
                       {"sublet.market.lease_assigned", {{"lease", std::to_string(height.value() * 10 + index)}}}}};
}

FullBlock make_block(std::uint64_t number) {
    const Height height{number};
    FullBlock out;
    out.block.header = {.chain_id = "test-1",
                        .height = height,
                        .time = BlockTime{1'000 + number},
                        .app_hash = hash_of(1),
                        .hash = hash_of(static_cast<std::uint8_t>(number))};
    out.transactions = {make_tx(height, 0, "anna"), make_tx(height, 1, number % 2 == 0 ? "anna" : "bert")};
    out.block.transactions = 2;
    for (std::size_t i = 0; i < 3'000; i += number == 2 ? 1 : 3'000) {  // block 2 needs several pages
        out.events.push_back({"sublet.market.order_expired", {{"order", std::to_string(i)}}});
    }
    return out;
}

Commit genesis() { return {.time = BlockTime{1'000}, .app_hash = hash_of(9), .changes = {{"a", "0"}, {"b", "0"}}}; }

// Height n sets "a" and its own key, and erases that of the height before.
Commit commit_of(const FullBlock& block) {
    const std::uint64_t number = block.height().value();
    Commit out{.height = block.height(),
               .time = block.block.header.time,
               .app_hash = hash_of(static_cast<std::uint8_t>(100 + number)),
               .changes = {{"a", std::to_string(number)}, {"h" + std::to_string(number), "x"}},
               .archived = {{"gone", std::to_string(number)}},
               .block = &block};
    if (number > 1) {
        out.changes.push_back({"h" + std::to_string(number - 1), std::nullopt});
    }
    return out;
}

void fill(const fs::path& path, std::uint64_t heights) {
    auto store = Store::open(path);
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_TRUE((*store)->begin("test-1", "{}", genesis()));
    for (std::uint64_t n = 1; n <= heights; ++n) {
        const FullBlock block = make_block(n);
        ASSERT_TRUE((*store)->commit(commit_of(block)));
    }
}

std::vector<Condition> query(std::string_view text) {
    auto out = parse_conditions(text);
    EXPECT_TRUE(out) << out.error().message;
    return out.value_or(std::vector<Condition>{});
}

TEST(Store, ReopensAtTheLastHeightWithExactlyItsKeys) {
    const Folder folder;
    fill(folder.path(), 3);
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store) << store.error().message;
    auto state = (*store)->load();
    ASSERT_TRUE(state && *state);
    EXPECT_EQ((*state)->height, Height{3});
    EXPECT_EQ((*state)->chain_id, "test-1");
    EXPECT_EQ((*state)->genesis, "{}");
    EXPECT_EQ((*state)->app_hash, hash_of(103));
    EXPECT_EQ((*state)->block_hash, hash_of(3));
    const std::vector<std::pair<Bytes, Bytes>> expected = {{"a", "3"}, {"b", "0"}, {"h3", "x"}};
    std::vector<std::pair<Bytes, Bytes>> rows;
    (*state)->state.visit("", "", [&](BytesView key, BytesView value) {
        rows.emplace_back(key, value);
        return true;
    });
    EXPECT_EQ(rows, expected);
    auto history = (*store)->history("gone");
    ASSERT_TRUE(history);
    EXPECT_EQ(*history, (std::vector<Bytes>{"1", "2", "3"}));
    EXPECT_TRUE((*store)->history("go")->empty());
}

TEST(Store, ANewFolderHasNoState) {
    const Folder folder;
    fs::create_directory(folder.path());
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store) << store.error().message;
    auto state = (*store)->load();
    ASSERT_TRUE(state);
    EXPECT_FALSE(state->has_value());
}

TEST(Store, GivesBlocksAndTransactionsBack) {
    const Folder folder;
    fill(folder.path(), 3);
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store);
    auto block = (*store)->block(Height{2});
    ASSERT_TRUE(block) << block.error().message;
    EXPECT_EQ(block->transactions.size(), 2U);
    EXPECT_EQ(block->transactions[1].bytes, "tx1");
    EXPECT_EQ(block->events.size(), 3'000U);
    EXPECT_EQ(block->events.back().attributes[0].value, "2999");
    EXPECT_EQ((*store)->block(Height{4}).error().code, Code::kNotFound);
    auto tx = (*store)->transaction(block->transactions[1].hash);
    ASSERT_TRUE(tx);
    EXPECT_EQ(tx->height, Height{2});
    EXPECT_EQ(tx->events.size(), 2U);
    EXPECT_EQ((*store)->transaction(hash_of(77)).error().code, Code::kNotFound);
}

TEST(Store, SearchesByConditions) {
    const Folder folder;
    fill(folder.path(), 3);
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store);
    struct Row {
        const char* text;
        std::size_t total;
    };
    for (const Row& row : {Row{"message.sender='anna'", 4},
                           {"message.sender='bert'", 2},
                           {"message.sender='ann'", 0},
                           {"message.sender CONTAINS 'er'", 2},
                           {"message.sender EXISTS", 6},
                           {"message.sender='anna' AND tx.height=2", 2},
                           {"message.sender='anna' AND tx.height>2", 1},
                           {"message.sender='anna' AND tx.height>=2", 3},
                           {"tx.height<2", 2},
                           {"tx.height <= 2", 4},
                           {"sublet.market.lease_assigned.lease='21'", 1},
                           {"sublet.market.lease_assigned.lease>=30", 2},
                           {"sublet.market.lease_assigned.lease='21' AND message.sender='bert'", 0},
                           {"tm.event='Tx' AND message.action='send'", 6},
                           {"sublet.market.order_expired.order='0'", 0}}) {
        auto found = (*store)->search({.conditions = query(row.text)});
        ASSERT_TRUE(found) << row.text;
        EXPECT_EQ(found->total, row.total) << row.text;
        EXPECT_EQ(found->transactions.size(), row.total) << row.text;
    }
    const std::string hash = to_hex_upper(view_of(make_tx(Height{3}, 1, "").hash));
    EXPECT_EQ((*store)->search({.conditions = query("tx.hash='" + hash + "'")})->transactions.size(), 1U);
    EXPECT_EQ((*store)->search({.conditions = query("tx.hash='12'")})->total, 0U);
}

TEST(Store, PagesASearchEitherWay) {
    const Folder folder;
    fill(folder.path(), 5);
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store);
    for (const bool descending : {false, true}) {
        std::vector<std::uint64_t> heights;
        for (std::size_t skip = 0; skip < 10; skip += 3) {
            auto page = (*store)->search(
                {.conditions = query("message.action='send'"), .descending = descending, .skip = skip, .limit = 3});
            ASSERT_TRUE(page);
            EXPECT_EQ(page->total, 10U);
            for (const StoredTx& tx : page->transactions) {
                heights.push_back(tx.height.value() * 10 + tx.index);
            }
        }
        std::vector<std::uint64_t> expected = {10, 11, 20, 21, 30, 31, 40, 41, 50, 51};
        if (descending) {
            std::ranges::reverse(expected);
        }
        EXPECT_EQ(heights, expected);
    }
}

TEST(Search, RefusesWhatItDoesNotUnderstand) {
    for (const char* text :
         {"", "AND", "a", "a=", "a='x", "a='x' b='y'", "a='x' AND", "a='x' OR b='y'", "='x'", "a!'x'", "a=x",
          "a CONTAINS 5", "a=-5", "a>TIME 5", "a>TIME 2026-13-01T00:00:00Z", "a>DATE 2026-02-30", "a>DATE 2026-02-03x",
          "a='1' AND a='2' AND a='3' AND a='4' AND a='5' AND a='6' AND a='7' AND a='8' AND a='9'"}) {
        auto parsed = parse_conditions(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Code::kParse) << text;
    }
    EXPECT_EQ(to_text(query("a.b = 'x'  AND c.d>=5 AND e EXISTS")), "a.b='x' AND c.d>=5 AND e EXISTS");
}

// As CometBFT's subscriptions decide it; numbers are those that a value begins with.
TEST(Search, ConditionsOnValues) {
    const StoredEvent event{.type = "rich",
                            .attributes = {{"coin", "250ucredit"},
                                           {"share", "4.50"},
                                           {"huge", "340282366920938463463374607431768211456"},
                                           {"day", "2026-01-02"},
                                           {"at", "2026-01-02T03:04:05.5+01:00"},
                                           {"name", "Ann O'Neil"},
                                           {"two", "1"},
                                           {"two", "2"}}};
    const std::vector<StoredEvent> events = {event};
    const Hash hash = hash_of(1);
    struct Row {
        const char* text;
        bool holds;
    };
    for (const Row& row : {Row{"rich.coin=250", true},
                           {"rich.coin='250'", false},
                           {"rich.coin='250ucredit'", true},
                           {"rich.coin>249.99", true},
                           {"rich.coin>250", false},
                           {"rich.coin>='250'", true},
                           {"rich.share=4.5", true},
                           {"rich.share<4.51", true},
                           {"rich.share<=04.5", true},
                           {"rich.share<4.5", false},
                           {"rich.huge>340282366920938463463374607431768211455", true},
                           {"rich.huge<340282366920938463463374607431768211456", false},
                           {"rich.name>1", false},
                           {"rich.name CONTAINS 'Neil'", true},
                           {"rich.name CONTAINS 'neil'", false},
                           {"rich.day=DATE 2026-01-02", true},
                           {"rich.day>DATE 2025-12-31 AND rich.day<TIME 2026-01-02T00:00:01Z", true},
                           {"rich.at=TIME 2026-01-02T02:04:05.500Z", true},
                           {"rich.at<TIME 2026-01-02T02:04:05.5Z", false},
                           {"rich.at>DATE 2026-01-02", true},
                           {"rich.coin>TIME 2026-01-02T00:00:00Z", false},
                           {"rich.two=1 AND rich.two=2", true},
                           {"rich.two=3", false},
                           {"rich EXISTS", true},
                           {"rich.none EXISTS", false},
                           {"ric.h EXISTS", false},
                           {"tx.height=7 AND block.height>6", true},
                           {"tx.height>=8", false},
                           {"block.time>=TIME 2026-01-01T00:00:00Z", true},
                           {"block.time>DATE 2026-01-01", false},
                           {"tx.hash EXISTS", true},
                           {"tm.event='Tx'", true},
                           {"tm.event CONTAINS 'T' AND tm.event EXISTS", true},
                           {"tm.event='NewBlock'", false}}) {
        const BlockTime time{1'767'225'600'000};  // 2026-01-01T00:00:00Z
        EXPECT_EQ(matches(query(row.text), {Height{7}, &hash, &events, time, "Tx"}), row.holds) << row.text;
    }
    EXPECT_FALSE(matches(query("tx.height=7"), {Height{7}, nullptr, &events, {}, "NewBlock"}))
        << "it has no transaction";
    EXPECT_TRUE(matches(query("block.height=7"), {Height{7}, nullptr, &events, {}, "NewBlock"}));
    EXPECT_EQ(to_text(query("a>TIME 2026-01-02T00:00:00Z AND b=1.50")), "a>TIME 2026-01-02T00:00:00Z AND b=1.50");
}

TEST(Store, RefusesASecondUser) {
    const Folder folder;
    auto first = Store::open(folder.path());
    ASSERT_TRUE(first);
    auto second = Store::open(folder.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kConflict) << second.error().message;
    EXPECT_NE(second.error().message.find("another process"), std::string::npos);
}

TEST(Store, RefusesForeignFolders) {
    const Folder folder;
    fs::create_directory(folder.path());
    std::ofstream{folder.path() / "holiday.jpg"} << "beach";
    auto store = Store::open(folder.path());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::kStoreDamaged);
    EXPECT_NE(store.error().message.find("not a ledger folder"), std::string::npos) << store.error().message;
    EXPECT_TRUE(fs::exists(folder.path() / "holiday.jpg"));
    EXPECT_FALSE(Store::open(folder.root() / "no" / "parent"));
}

TEST(Store, ALostHeightIsNoticed) {
    const Folder folder;
    fill(folder.path(), 2);
    std::ofstream{folder.path() / "TIP"} << "00000000000000000003\n";
    auto store = Store::open(folder.path());
    ASSERT_TRUE(store);
    auto state = (*store)->load();
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().code, Code::kStoreDamaged);
    EXPECT_NE(state.error().message.find("height 3 was committed"), std::string::npos) << state.error().message;
}

// Opens a folder with one damaged file: an error with a sentence, or exactly the state that was committed.
void expect_refused_or_same(const fs::path& path, const std::string& what) {
    auto store = Store::open(path);
    if (!store) {
        EXPECT_FALSE(store.error().message.empty()) << what;
        EXPECT_EQ(store.error().code, Code::kStoreDamaged) << what << ": " << store.error().message;
        return;
    }
    auto state = (*store)->load();
    if (!state) {
        EXPECT_EQ(state.error().code, Code::kStoreDamaged) << what << ": " << state.error().message;
        return;
    }
    ASSERT_TRUE(state->has_value()) << what << ": the chain is gone and nobody said so";
    EXPECT_EQ((*state)->height, Height{3}) << what;
    EXPECT_EQ((*state)->state.size(), 3U) << what;
    for (std::uint64_t n = 1; n <= 3; ++n) {
        auto block = (*store)->block(Height{n});
        if (block) {
            EXPECT_EQ(block->transactions.size(), 2U) << what;
            EXPECT_EQ(block->transactions[1].bytes, "tx1") << what;
        } else {
            EXPECT_EQ(block.error().code, Code::kStoreDamaged) << what << ": " << block.error().message;
        }
    }
}

TEST(Store, DamageIsRefusedOrHarmless) {
    const Folder folder;
    const fs::path good = folder.root() / "good";
    fill(good, 3);
    {
        ASSERT_TRUE(Store::open(good));
    }  // moves the log into sorted files and leaves a second log
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(good)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("LOG") && name != "LOCK" && entry.file_size() > 0) {
            files.push_back(entry.path().filename());
        }
    }
    ASSERT_GE(files.size(), 4U);
    std::mt19937 random{20'260'101};
    for (const fs::path& name : files) {
        const auto size = static_cast<std::size_t>(fs::file_size(good / name));
        for (int round = 0; round < 40; ++round) {
            fs::remove_all(folder.path());
            fs::copy(good, folder.path());
            const std::size_t at = random() % size;
            const fs::path target = folder.path() / name;
            const std::string what = name.string() +
                                     (round == 0       ? " removed"
                                      : round % 2 == 0 ? " cut at "
                                                       : " flipped at ") +
                                     std::to_string(at);
            if (round == 0) {
                fs::remove(target);
            } else if (round % 2 == 0) {
                fs::resize_file(target, at);
            } else {
                std::fstream file{target, std::ios::in | std::ios::out | std::ios::binary};
                file.seekg(static_cast<std::streamoff>(at));
                const int byte = file.get();
                file.seekp(static_cast<std::streamoff>(at));
                file.put(static_cast<char>(byte ^ 0x5a));
            }
            expect_refused_or_same(folder.path(), what);
        }
    }
}

}  // namespace
}  // namespace sublet::store
