// call_grammar_test.cpp: the orders that are right, and each rule broken once.
#include "call_grammar.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace sublet::sim {
namespace {

constexpr Hash kBlock{1}, kOtherBlock{2}, kState{3}, kOtherState{4}, kTx{5};

struct Engine : CallGrammar {
    // The application is at `app`, `decided` blocks are in the store.
    void begin(std::uint64_t app, std::uint64_t decided) { info(Height{app}, kState, Height{decided}); }
    void finalize(std::uint64_t height, const Hash& block = kBlock, const Hash& state = kState) {
        finalize_block(Height{height}, BlockTime{1'000 * height}, block, state);
    }
    void block(std::uint64_t height) {
        finalize(height);
        commit();
    }
    // Three blocks of a new chain, then a crash.
    void three_blocks() {
        begin(0, 0);
        init_chain();
        for (const std::uint64_t height : {1U, 2U, 3U}) {
            block(height);
        }
        crash();
    }
};

TEST(CallGrammar, WhatAnEngineDoesIsRight) {
    Engine engine;
    engine.begin(0, 0);
    engine.init_chain();
    engine.crash();
    engine.begin(0, 0);  // nothing was stored: once more
    engine.init_chain();
    engine.check_new(kTx, true);
    engine.finalize(1);
    engine.check_new(kBlock, false);
    engine.commit();
    engine.prepare_proposal();
    engine.check_again(kTx, true);
    engine.process_proposal(1, true);
    engine.process_proposal(2, false);  // another round
    engine.block(2);
    engine.check_again(kTx, false);
    engine.finalize(3);
    engine.crash();
    engine.begin(1, 3);  // lags: two blocks are replayed
    engine.block(2);
    engine.block(3);
    engine.check_new(kTx, true);
    engine.block(4);
    engine.crash();
    engine.begin(0, 4);  // lost everything
    engine.init_chain();
    engine.block(1);
    EXPECT_EQ(engine.problem().value_or(""), "");
}

TEST(CallGrammar, EachRuleIsNoticed) {
    struct Row {
        const char* told;
        std::function<void(Engine&)> wrong;  // after three blocks and a crash
    };
    const Row rows[] = {
        {"Info within a run", [](Engine& e) { e.begin(3, 3), e.begin(3, 3); }},
        {"the application leads", [](Engine& e) { e.begin(3, 2); }},
        {"never committed", [](Engine& e) { e.begin(4, 4); }},
        {"another app hash than FinalizeBlock did", [](Engine& e) { e.info(Height{3}, kOtherState, Height{3}); }},
        {"InitChain where", [](Engine& e) { e.begin(3, 3), e.init_chain(); }},
        {"InitChain where", [](Engine& e) { e.begin(0, 3), e.init_chain(), e.init_chain(); }},
        {"FinalizeBlock before the handshake", [](Engine& e) { e.begin(0, 3), e.finalize(1); }},
        {"FinalizeBlock before the handshake", [](Engine& e) { e.finalize(4); }},
        {"twice without a Commit", [](Engine& e) { e.begin(3, 3), e.finalize(4), e.finalize(5); }},
        {"not the next", [](Engine& e) { e.begin(3, 3), e.finalize(5); }},
        {"not the next", [](Engine& e) { e.begin(3, 3), e.finalize(3); }},
        {"time does not rise",
         [](Engine& e) { e.begin(3, 3), e.finalize_block(Height{4}, BlockTime{3'000}, kBlock, kState); }},
        {"another block than before", [](Engine& e) { e.begin(2, 3), e.finalize(3, kOtherBlock); }},
        {"another block than before",
         [](Engine& e) { e.begin(2, 3), e.finalize_block(Height{3}, BlockTime{3'001}, kBlock, kState); }},
        {"another app hash", [](Engine& e) { e.begin(2, 3), e.finalize(3, kBlock, kOtherState); }},
        {"Commit without", [](Engine& e) { e.begin(3, 3), e.commit(); }},
        {"CheckTx before the handshake", [](Engine& e) { e.check_new(kTx, true); }},
        {"CheckTx before the handshake", [](Engine& e) { e.begin(0, 3), e.check_new(kTx, true); }},
        {"caught up", [](Engine& e) { e.begin(2, 3), e.check_new(kTx, true); }},
        {"caught up", [](Engine& e) { e.begin(1, 3), e.finalize(2), e.check_new(kTx, true); }},
        {"does not follow a Commit", [](Engine& e) { e.begin(3, 3), e.check_again(kTx, true); }},
        {"does not follow a Commit",
         [](Engine& e) {
             e.begin(3, 3), e.check_new(kTx, true), e.block(4), e.check_new(kBlock, true), e.check_again(kTx, true);
         }},
        {"never accepted",
         [](Engine& e) { e.begin(3, 3), e.check_new(kTx, false), e.block(4), e.check_again(kTx, true); }},
        {"before the last height is over", [](Engine& e) { e.prepare_proposal(); }},
        {"before the last height is over", [](Engine& e) { e.begin(2, 3), e.prepare_proposal(); }},
        {"before the last height is over", [](Engine& e) { e.begin(2, 3), e.process_proposal(1, false); }},
        {"before the last height is over",
         [](Engine& e) { e.begin(3, 3), e.finalize(4), e.process_proposal(1, false); }},
        {"neither accepted nor refused", [](Engine& e) { e.begin(3, 3), e.process_proposal(0, false); }},
        {"neither accepted nor refused", [](Engine& e) { e.begin(3, 3), e.process_proposal(3, false); }},
        {"what it proposed itself", [](Engine& e) { e.begin(3, 3), e.process_proposal(2, true); }},
        {"for the second time",
         [](Engine& e) {
             e.begin(3, 3), e.check_new(kTx, true), e.block(4), e.check_again(kTx, true), e.check_again(kTx, true);
         }},
    };
    for (const Row& row : rows) {
        Engine engine;
        engine.three_blocks();
        ASSERT_EQ(engine.problem().value_or(""), "");
        row.wrong(engine);
        EXPECT_NE(engine.problem().value_or("").find(row.told), std::string::npos)
            << row.told << ": " << engine.problem().value_or("nothing was noticed");
    }
}

}  // namespace
}  // namespace sublet::sim
