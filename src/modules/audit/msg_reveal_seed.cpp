// msg_reveal_seed.cpp: a creator shows the next element of its chain.
// Deterministic. Spec: docs/spec/audits.md (seeds), T23.
#include "base/must.hpp"
#include "crypto/sha256.hpp"
#include "modules/audit/keys.hpp"
#include "modules/audit/messages.hpp"

namespace sublet::audit {
namespace {

constexpr std::size_t kMaxSeededAtOnce = 256;  // the rest waits for the next element

std::vector<AuditId> waiting(const View& view, JobId job) {
    std::vector<AuditId> out;
    const Bytes prefix = waiting_for_element(job);
    view.visit_index(prefix, prefix, [&](BytesView key, BytesView) {
        out.push_back(id_at_end(key));
        return out.size() < kMaxSeededAtOnce;
    });
    return out;
}

}  // namespace

Result<> check_static(const MsgRevealSeed& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    return message.element.size() != 32 ? fail(Code::kBadField, "element has 32 bytes") : Result<>{};
}

Result<> check_state(const MsgRevealSeed& message, const View& view, const Block& /*block*/) {
    const std::optional<Chain> chain = find_chain(view, message.job);
    const std::string name = "job " + std::to_string(message.job.value());
    if (!chain) {
        return fail(Code::kAuditUnknown, name + " has no chain of seeds");
    }
    if (chain->owner != account::parsed(message.owner)) {
        return fail(Code::kNotJobOwner, name + " belongs to " + crypto::to_bech32(chain->owner));
    }
    if (crypto::sha256(message.element) != chain->tip) {
        return fail(Code::kWrongElement, "the element does not hash to " + to_hex(view_of(chain->tip)));
    }
    if (waiting(view, message.job).empty()) {
        return fail(Code::kTooEarly, "nothing of " + name + " waits for an element");
    }
    return {};
}

void apply(const MsgRevealSeed& message, Ledger& ledger, const Block& block) {
    Chain chain = must(find_chain(ledger, message.job));
    chain.tip = *fixed_from<32>(message.element);
    open_chain(ledger, chain);
    for (const AuditId& each : waiting(ledger, message.job)) {
        Audit audit = must(find_audit(ledger, each));
        seed(ledger, audit, message.element, block);
        save(ledger, audit);
    }
}

}  // namespace sublet::audit
