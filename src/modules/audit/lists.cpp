// lists.cpp: walks over the indexes of audits and standings.
// Deterministic. Spec: docs/spec/transactions.md (queries).
#include "modules/audit/lists.hpp"

#include "base/must.hpp"
#include "modules/audit/keys.hpp"

namespace sublet::audit {

std::vector<Audit> audits_from(const ledger::View& view, const AuditId& first, std::size_t most) {
    std::vector<Audit> out;
    view.visit(keys::with(audit_prefix(), first.job.value()), audit_key(first), [&](BytesView key, BytesView) {
        if (out.size() < most) {
            out.push_back(must(find_audit(view, id_at_end(key))));
        }
        return out.size() < most;
    });
    return out;
}

std::vector<Audit> audits_in_hand(const ledger::View& view, const Address& auditor, std::size_t most) {
    std::vector<Audit> out;
    const Bytes mine = of_auditor(auditor);
    view.visit_index(mine, mine, [&](BytesView key, BytesView) {
        if (out.size() < most) {
            out.push_back(must(find_audit(view, id_at_end(key))));
        }
        return out.size() < most;
    });
    return out;
}

std::vector<Standing> all_standings(const ledger::View& view, std::uint64_t after, std::size_t most) {
    std::vector<Standing> out;
    if (after == ~std::uint64_t{0}) {
        return out;
    }
    view.visit_index(keys::table(7, 1), by_number(after + 1), [&](BytesView, BytesView owner) {
        if (out.size() < most) {
            out.push_back(standing_of(view, Address{*fixed_from<20>(owner)}));
        }
        return out.size() < most;
    });
    return out;
}

}  // namespace sublet::audit
