// runner.cpp: the lines of a scenario: genesis, transactions, blocks, time, expectations.
#include "runner.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "expect.hpp"
#include "verbs.hpp"

namespace sublet::scenario {
namespace {

using Words = std::vector<std::string>;

class Run {
public:
    // One line without comment, not empty.
    void line(const Words& words);
    void finish();
    [[nodiscard]] std::string app_hash() const { return world_.app_hash(); }
    [[nodiscard]] std::shared_ptr<const app::Committed> state() const { return world_.app().committed(); }

private:
    struct Pending {
        Bytes transaction;
        std::string signer;
        std::string refusal;  // empty: must succeed
        std::string what;
    };

    void genesis(const Words& words);
    void param(const Words& words);
    [[nodiscard]] std::string who(const std::string& name) const;
    void transaction(Words words);
    void heartbeats(const Words& words);
    void founder(const Words& words);
    void attendance(const Words& words);
    void double_vote(const Words& words);
    void blocks(const Words& words);
    void deliver(const std::vector<Pending>& pending);
    void start_if_needed() {
        if (!world_.started()) {
            world_.start();
        }
    }

    World world_;
    Operators operators_;
    bool in_block_ = false;
    std::vector<Pending> block_;
};

std::string joined(const Words& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : " ") + word;
    }
    return out;
}

void Run::genesis(const Words& words) {
    if (world_.started() || words.size() < 3 || words.size() > 4) {
        throw Failure("genesis NAME AMOUNT [DENOM], before anything happens");
    }
    world_.give(words[1], amount(words[2]), words.size() == 4 ? words[3] : "ucredit");
}

// PARAM = VALUE, with the name's _ms left out; false: it is none of these.
template <class Params>
bool set_in(Params& params, const Words& words) {
    bool known = false;
    codec::for_each_field<Params>([&](const auto& field) {
        std::string_view name = field.name;
        const bool time = name.ends_with("_ms");
        if (time) {
            name.remove_suffix(3);
        }
        if (name != words[1]) {
            return;
        }
        known = true;
        const std::uint64_t value = time ? duration(words[2]).value() : amount(words[2]);
        using Member = std::decay_t<decltype(params.*field.member)>;
        params.*field.member = static_cast<Member>(value);
    });
    return known;
}

void Run::param(const Words& words) {
    if (world_.started() || words.size() != 3) {
        throw Failure("param NAME = VALUE, before anything happens");
    }
    const bool known = set_in(world_.params, words) || set_in(world_.stakes, words) || set_in(world_.votes, words);
    if (!known) {
        throw Failure("there is no parameter '" + words[1] + "'");
    }
}

TxOptions options_from(Args& args) {
    TxOptions options;
    if (args.has("sequence")) {
        options.sequence = number(args.need("sequence"));
    }
    if (args.has("fee")) {
        options.fee = amount(args.need("fee"));
    }
    options.gas = number(args.take("gas", "500000"));
    options.fee_denom = args.take("fee_denom", "ucredit");
    options.payer = args.take("payer", "");
    options.memo = std::string(number(args.take("memo_bytes", "0")), 'm');
    options.chain_id = args.take("chain", kChainId);
    options.signed_by = args.take("signed_by", "");
    options.timeout_height = number(args.take("timeout_height", "0"));
    options.envelope = args.take("envelope", "");
    return options;
}

// tx NAME VERB key=value… [-> refused CODE]
// "seat:JOB/TASK/N": whoever was drawn for the audit's seat N, from 0.
std::string Run::who(const std::string& name) const {
    constexpr std::string_view kSeat = "seat:";
    if (!name.starts_with(kSeat)) {
        return name;
    }
    const Words parts = split(name.substr(kSeat.size()), '/');
    if (parts.size() != 3) {
        throw Failure("an auditor is called seat:JOB/TASK/N, for example seat:1/0/0");
    }
    const auto audit = last_audit(world_, JobId{number(parts[0])}, static_cast<std::uint32_t>(number(parts[1])));
    if (!audit || audit->seats.size() <= number(parts[2])) {
        throw Failure("nobody sits there: " + name);
    }
    for (const auto& [owner, operator_name] : operators_) {
        if (World::raw_address(owner) == audit->seats[number(parts[2])].auditor) {
            return owner;
        }
    }
    throw Failure("the auditor of " + name + " is none of the scenario's providers");
}

void Run::transaction(Words words) {
    start_if_needed();
    Pending pending;
    pending.what = joined(words);
    const auto arrow = std::ranges::find(words, "->");
    if (arrow != words.end()) {
        if (words.end() - arrow != 3 || arrow[1] != "refused") {
            throw Failure("after '->' comes: refused CODE");
        }
        pending.refusal = arrow[2];
        words.erase(arrow, words.end());
    }
    if (words.size() < 3) {
        throw Failure("tx NAME VERB key=value… [-> refused CODE]");
    }
    words[1] = who(words[1]);
    Args args{Words(words.begin() + 3, words.end())};
    const TxOptions options = options_from(args);
    const std::uint64_t times = number(args.take("messages", "1"));
    Order order = make(words[1], words[2], args, world_, operators_);
    args.done();
    const auto before = std::ranges::count(block_, order.signer, &Pending::signer);
    pending.signer = order.signer;
    pending.transaction = world_.sign(order.signer, std::vector<ledger::Any>(times, order.message), options,
                                      static_cast<std::uint64_t>(before));
    if (in_block_) {
        block_.push_back(std::move(pending));
    } else {
        deliver({pending});
    }
}

void Run::deliver(const std::vector<Pending>& pending) {
    std::vector<Bytes> transactions;
    for (const Pending& each : pending) {
        transactions.push_back(each.transaction);
    }
    const app::BlockResult result = world_.block(Millis{}, transactions);
    for (std::size_t i = 0; i < pending.size(); ++i) {
        const app::TxResult& tx = result.transactions[i];
        const std::string wanted = pending[i].refusal.empty() ? "Ok" : pending[i].refusal;
        if (code_name(tx.code) != wanted) {
            throw Failure("expected " + wanted + " of '" + pending[i].what + "', the answer is " +
                          std::string{code_name(tx.code)} + (tx.log.empty() ? "" : ": " + tx.log));
        }
    }
}

// heartbeats NAME… every 30s for 10m
void Run::heartbeats(const Words& words) {
    start_if_needed();
    const auto every = std::ranges::find(words, "every");
    if (words.end() - every != 4 || every[2] != "for" || every - words.begin() < 2) {
        throw Failure("heartbeats NAME… every 30s for 10m");
    }
    const Millis step = duration(every[1]);
    std::uint64_t left = duration(every[3]).value();
    if (step.is_zero()) {
        throw Failure("heartbeats every 0s would never end");
    }
    for (; left >= step.value(); left -= step.value()) {
        world_.wait(step);
        std::vector<Pending> beats;
        for (auto name = words.begin() + 1; name != every; ++name) {
            Args none{{}};
            Order order = make(*name, "heartbeat", none, world_, operators_);
            beats.push_back({world_.sign(order.signer, {order.message}), order.signer, "", "heartbeat of " + *name});
        }
        deliver(beats);
    }
    world_.wait(Millis{left});
}

// founder NAME power=N
void Run::founder(const Words& words) {
    if (world_.started() || words.size() != 3) {
        throw Failure("founder NAME power=N, before anything happens");
    }
    Args args{Words(words.begin() + 2, words.end())};
    world_.found(words[1], number(args.need("power")));
    args.done();
}

// absent NAME…, present NAME…
void Run::attendance(const Words& words) {
    for (auto name = words.begin() + 1; name != words.end(); ++name) {
        if (words.front() == "absent") {
            world_.absent.insert(*name);
        } else {
            world_.absent.erase(*name);
        }
    }
}

// double-vote NAME blocks=3 age=10s: evidence in a block that takes no time
void Run::double_vote(const Words& words) {
    start_if_needed();
    if (words.size() < 2) {
        throw Failure("double-vote NAME blocks=3 age=10s");
    }
    Args args{Words(words.begin() + 2, words.end())};
    const std::uint64_t blocks = number(args.take("blocks", "1"));
    const BlockTime age{duration(args.take("age", "0s")).value()};
    args.done();
    world_.report({.address = stake::consensus_address(World::consensus_key(words[1])),
                   .height = Height{world_.height().value() + 1 - blocks},
                   .time = saturating_sub(world_.time(), age),
                   .total_power = 0,
                   .offence = stake::Offence::kTwoVotes});
    world_.block(Millis{}, {});
}

// blocks N every 1s
void Run::blocks(const Words& words) {
    start_if_needed();
    if (words.size() != 4 || words[2] != "every") {
        throw Failure("blocks N every 1s");
    }
    for (std::uint64_t left = number(words[1]); left > 0; --left) {
        world_.block(duration(words[3]), {});
    }
}

void Run::line(const Words& words) {
    const std::string& verb = words.front();
    if (verb == "genesis") {
        genesis(words);
    } else if (verb == "param") {
        param(words);
    } else if (verb == "tx") {
        transaction(words);
    } else if (in_block_ && verb != "end") {
        throw Failure("a block holds only tx lines; close it with 'end'");
    } else if (verb == "block" && words.size() == 1) {
        start_if_needed();
        in_block_ = true;
    } else if (verb == "end" && in_block_) {
        in_block_ = false;
        deliver(std::exchange(block_, {}));
    } else if ((verb == "wait" || verb == "silence") && words.size() == 2) {
        start_if_needed();
        world_.wait(duration(words[1]));
    } else if (verb == "jump" && words.size() == 2) {
        start_if_needed();
        world_.block(duration(words[1]), {});
    } else if (verb == "heartbeats") {
        heartbeats(words);
    } else if (verb == "founder") {
        founder(words);
    } else if (verb == "absent" || verb == "present") {
        attendance(words);
    } else if (verb == "double-vote") {
        double_vote(words);
    } else if (verb == "blocks") {
        blocks(words);
    } else if (verb == "expect") {
        start_if_needed();
        expect(Words(words.begin() + 1, words.end()), world_);
    } else {
        throw Failure("'" + verb + "' is no line of a scenario");
    }
}

void Run::finish() {
    start_if_needed();
    if (in_block_) {
        throw Failure("the last block lacks its 'end'");
    }
}

Words words_of(std::string_view text) {
    std::istringstream stream{std::string{text.substr(0, text.find('#'))}};
    Words words;
    for (std::string word; stream >> word;) {
        if (word != "=") {
            words.push_back(word);
        }
    }
    return words;
}

}  // namespace

Outcome run(const std::filesystem::path& file) {
    std::ifstream input{file};
    if (!input) {
        throw Failure(file.string() + ": cannot be read");
    }
    Outcome outcome{file.stem().string(), "", nullptr};
    Run current;
    bool described = false;
    std::size_t number = 0;
    for (std::string text; std::getline(input, text);) {
        ++number;
        described = described || text.starts_with("# name: ");
        const Words words = words_of(text);
        try {
            if (!words.empty()) {
                if (!described) {
                    throw Failure("a scenario begins with '# name: …' and '# description: …'");
                }
                current.line(words);
            }
        } catch (const std::exception& failure) {
            throw Failure(file.string() + ":" + std::to_string(number) + ": " + failure.what());
        }
    }
    try {
        current.finish();
    } catch (const std::exception& failure) {
        throw Failure(file.string() + ":" + std::to_string(number) + ": " + failure.what());
    }
    outcome.app_hash = current.app_hash();
    outcome.state = current.state();
    return outcome;
}

}  // namespace sublet::scenario
