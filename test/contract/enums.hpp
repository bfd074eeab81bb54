// enums.hpp: which enumeration of the program is which one of proto/.
#pragma once

#include <string_view>
#include <tuple>

#include "app/message_list.hpp"
#include "modules/job/task.hpp"
#include "modules/market/market.hpp"

namespace sublet::contract {

// A struct or an enumeration and its name in proto/. A type may have several names: the first is the one that fields
// of other messages use.
template <class T>
struct Row {
    using Type = T;
    std::string_view name;
};

inline constexpr auto kEnums = std::tuple{Row<market::OfferState>{"sublet.market.v1.OfferState"},
                                          Row<market::OrderState>{"sublet.market.v1.OrderState"},
                                          Row<market::DeploymentState>{"sublet.market.v1.DeploymentState"},
                                          Row<market::LeaseState>{"sublet.market.v1.LeaseState"},
                                          Row<market::CloseReason>{"sublet.market.v1.CloseReason"},
                                          Row<market::Party>{"sublet.market.v1.Party"},
                                          Row<job::JobState>{"sublet.job.v1.JobState"},
                                          Row<job::TaskState>{"sublet.job.v1.TaskState"},
                                          Row<audit::How>{"sublet.audit.v1.How"},
                                          Row<audit::Verdict>{"sublet.audit.v1.Verdict"},
                                          Row<audit::Round>{"sublet.audit.v1.Round"},
                                          Row<audit::SeatState>{"sublet.audit.v1.SeatState"},
                                          Row<audit::Stage>{"sublet.audit.v1.Stage"},
                                          Row<audit::Outcome>{"sublet.audit.v1.Outcome"},
                                          Row<gov::Choice>{"sublet.gov.v1.Choice"},
                                          Row<gov::ProposalState>{"sublet.gov.v1.ProposalState"},
                                          Row<ledger::SignMode>{"cosmos.tx.signing.v1beta1.SignMode"}};

}  // namespace sublet::contract
