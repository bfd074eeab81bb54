// walker.hpp: the walk of one seed, step by step: see walk.hpp.
#pragma once

#include "engine/testing/world.hpp"
#include "walk.hpp"

namespace sublet::sim {

class AbciWalker {
public:
    AbciWalker(std::uint64_t seed, const std::string& plant);
    void run(WalkReport& report);
    [[nodiscard]] const AbciComet::Marks& marks() const { return comet_.marks; }

private:
    struct Trouble {
        std::optional<Instant> kill;  // of the replica, within a height
        std::uint64_t after_us = 0;
    };

    void first_start();
    void height();
    void check_again();
    void come_back();
    void between_heights();
    void older_disk();
    void kill_at(Instant instant);

    // The transactions of a block that some round has accepted.
    std::vector<Bytes> decide();
    std::optional<std::vector<Bytes>> own_round();
    std::optional<std::vector<Bytes>> round_of_another();
    std::vector<Bytes> proposal_of_another();

    void traffic();
    std::vector<Bytes> flood(std::size_t count);
    Bytes crowd_transaction();
    // What CheckTx must answer, by the independent App.
    std::uint32_t verdict(const Bytes& transaction);
    void check(const std::vector<Bytes>& transactions, bool again);
    void read_checks();
    void ask_what_is_known();

    void draw_faults();
    void tell_faults(abci::ProposedBlock& block);
    void while_a_block_is_executed();

    Dice dice_;
    engine::testing::Folder folder_;
    determinism::Market market_;
    AbciComet comet_;
    determinism::Step step_;  // of the market, for the next height
    Trouble trouble_;
    BlockTime time_;
    std::uint64_t burst_at_ = 0;                      // a height
    std::uint64_t lazy_ = 0;                          // a validator that signs few blocks
    std::string armed_;                               // the crash point at which the process will end
    std::uint64_t crowd_ = 0;                         // transactions that were signed
    std::map<std::string, std::uint64_t> sequences_;  // the next of a key of the crowd
    std::uint64_t checks_ = 0;
    std::deque<std::uint32_t> verdicts_;  // of checks whose answers are not read
    std::vector<Bytes> seen_;             // some transactions of before
    std::vector<std::filesystem::path> copies_;
};

}  // namespace sublet::sim
