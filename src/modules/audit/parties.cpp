// parties.cpp: who may speak in an audit.
// Deterministic. Spec: docs/spec/audits.md.
#include "modules/market/parties.hpp"
#include "modules/audit/messages.hpp"

namespace sublet::audit {

Result<SeatAt> require_seat(const View& view, const SeatOf& whose) {
    TRY(provider, market::require_operator(view, whose.operator_address));
    std::optional<Audit> audit = find_audit(view, {whose.job, whose.task, whose.attempt});
    const std::string name = "attempt " + std::to_string(whose.attempt) + " of task " + std::to_string(whose.task) +
                             " of job " + std::to_string(whose.job.value());
    if (!audit) {
        return fail(Code::kAuditUnknown, name + " is not being audited");
    }
    for (std::size_t i = 0; i < audit->seats.size(); ++i) {
        if (audit->seats[i].auditor == provider.owner && is_open(audit->seats[i])) {
            return SeatAt{std::move(*audit), i};
        }
    }
    return fail(Code::kNotAuditor, "this provider has nothing to say in the audit of " + name);
}

}  // namespace sublet::audit
