// names.cpp: the enumerations of the market by name.
// Deterministic. Spec: docs/spec/market.md.
#include "modules/market/lease.hpp"

namespace sublet::market {
namespace {

template <class E>
struct Named {
    E value;
    std::string_view name;
};

constexpr Named<OfferState> kOfferStates[] = {{OfferState::kActive, "active"},
                                              {OfferState::kPaused, "paused"},
                                              {OfferState::kDraining, "draining"},
                                              {OfferState::kClosed, "closed"}};
constexpr Named<OrderState> kOrderStates[] = {{OrderState::kOpen, "open"},
                                              {OrderState::kMatched, "matched"},
                                              {OrderState::kClosed, "closed"},
                                              {OrderState::kExpired, "expired"}};
constexpr Named<DeploymentState> kDeploymentStates[] = {{DeploymentState::kActive, "active"},
                                                        {DeploymentState::kClosed, "closed"}};
constexpr Named<LeaseState> kLeaseStates[] = {{LeaseState::kAssigned, "assigned"},
                                              {LeaseState::kRunning, "running"},
                                              {LeaseState::kPaused, "paused"},
                                              {LeaseState::kClosing, "closing"},
                                              {LeaseState::kClosed, "closed"}};
constexpr Named<CloseReason> kReasons[] = {
    {CloseReason::kNone, "none"},
    {CloseReason::kTenant, "tenant"},
    {CloseReason::kFundsExhausted, "funds_exhausted"},
    {CloseReason::kNoShow, "no_show"},
    {CloseReason::kNoManifest, "no_manifest"},
    {CloseReason::kImageFailed, "image_failed"},
    {CloseReason::kUnstable, "unstable"},
    {CloseReason::kDecommission, "decommission"},
    {CloseReason::kProviderFault, "provider_fault"},
    {CloseReason::kResumeTimeout, "resume_timeout"},
};
constexpr Named<Party> kParties[] = {
    {Party::kNobody, "nobody"}, {Party::kTenant, "tenant"}, {Party::kProvider, "provider"}, {Party::kLedger, "ledger"}};

template <class E, std::size_t N>
std::string_view name_in(const Named<E> (&table)[N], E value) {
    for (const Named<E>& row : table) {
        if (row.value == value) {
            return row.name;
        }
    }
    return "";
}

}  // namespace

std::string_view to_name(OfferState state) { return name_in(kOfferStates, state); }
bool valid(OfferState state) { return !to_name(state).empty(); }
std::string_view to_name(OrderState state) { return name_in(kOrderStates, state); }
bool valid(OrderState state) { return !to_name(state).empty(); }
std::string_view to_name(DeploymentState state) { return name_in(kDeploymentStates, state); }
bool valid(DeploymentState state) { return !to_name(state).empty(); }
std::string_view to_name(LeaseState state) { return name_in(kLeaseStates, state); }
bool valid(LeaseState state) { return !to_name(state).empty(); }
std::string_view to_name(CloseReason reason) { return name_in(kReasons, reason); }
bool valid(CloseReason reason) { return !to_name(reason).empty(); }
std::string_view to_name(Party party) { return name_in(kParties, party); }
bool valid(Party party) { return !to_name(party).empty(); }

}  // namespace sublet::market
