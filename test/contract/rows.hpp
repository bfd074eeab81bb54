// rows.hpp: which struct of the program is which message of proto/: the messages, the state's records and their parts.
#pragma once

#include "app/blocks.hpp"
#include "app/ledger_clock.hpp"
#include "app/message_list.hpp"
#include "enums.hpp"
#include "modules/account/last_number.hpp"
#include "modules/audit/weights.hpp"
#include "modules/bank/faucet_use.hpp"
#include "modules/job/task.hpp"
#include "modules/market/bookkeeping.hpp"
#include "modules/market/market.hpp"
#include "store/records.hpp"

namespace sublet::contract {

// Messages; their names must be their type URLs.
inline constexpr auto kMessages = std::tuple{
    Row<bank::MsgSend>{"cosmos.bank.v1beta1.MsgSend"},
    Row<bank::MsgFaucet>{"sublet.bank.v1.MsgFaucet"},
    Row<provider::MsgRegister>{"sublet.provider.v1.MsgRegister"},
    Row<provider::MsgUpdate>{"sublet.provider.v1.MsgUpdate"},
    Row<provider::MsgHeartbeat>{"sublet.provider.v1.MsgHeartbeat"},
    Row<market::MsgPostOffer>{"sublet.market.v1.MsgPostOffer"},
    Row<market::MsgUpdateOffer>{"sublet.market.v1.MsgUpdateOffer"},
    Row<market::MsgCloseOffer>{"sublet.market.v1.MsgCloseOffer"},
    Row<market::MsgCreateDeployment>{"sublet.market.v1.MsgCreateDeployment"},
    Row<market::MsgUpdateDeployment>{"sublet.market.v1.MsgUpdateDeployment"},
    Row<market::MsgCloseDeployment>{"sublet.market.v1.MsgCloseDeployment"},
    Row<market::MsgTopUp>{"sublet.market.v1.MsgTopUp"},
    Row<market::MsgLeaseReady>{"sublet.market.v1.MsgLeaseReady"},
    Row<market::MsgCloseLease>{"sublet.market.v1.MsgCloseLease"},
    Row<market::MsgEndLease>{"sublet.market.v1.MsgEndLease"},
    Row<market::MsgWithdraw>{"sublet.market.v1.MsgWithdraw"},
    Row<job::MsgCreateJob>{"sublet.job.v1.MsgCreateJob"},
    Row<job::MsgPauseJob>{"sublet.job.v1.MsgPauseJob"},
    Row<job::MsgCancelJob>{"sublet.job.v1.MsgCancelJob"},
    Row<job::MsgApproveTasks>{"sublet.job.v1.MsgApproveTasks"},
    Row<job::MsgRejectTask>{"sublet.job.v1.MsgRejectTask"},
    Row<job::MsgRetryTask>{"sublet.job.v1.MsgRetryTask"},
    Row<job::MsgClaimTask>{"sublet.job.v1.MsgClaimTask"},
    Row<job::MsgStartTask>{"sublet.job.v1.MsgStartTask"},
    Row<job::MsgFailTask>{"sublet.job.v1.MsgFailTask"},
    Row<job::MsgCommitTask>{"sublet.job.v1.MsgCommitTask"},
    Row<job::MsgOpenTask>{"sublet.job.v1.MsgOpenTask"},
    Row<job::MsgPostRate>{"sublet.job.v1.MsgPostRate"},
    Row<job::MsgCommitProbe>{"sublet.job.v1.MsgCommitProbe"},
    Row<job::MsgOpenProbe>{"sublet.job.v1.MsgOpenProbe"},
    Row<job::MsgConfirmJob>{"sublet.job.v1.MsgConfirmJob"},
    Row<job::MsgFundJob>{"sublet.job.v1.MsgFundJob"},
    Row<job::MsgDisputeTask>{"sublet.job.v1.MsgDisputeTask"},
    Row<audit::MsgStakeWork>{"sublet.audit.v1.MsgStakeWork"},
    Row<audit::MsgUnstakeWork>{"sublet.audit.v1.MsgUnstakeWork"},
    Row<audit::MsgRevealSeed>{"sublet.audit.v1.MsgRevealSeed"},
    Row<audit::MsgCommitAudit>{"sublet.audit.v1.MsgCommitAudit"},
    Row<audit::MsgJudgeAudit>{"sublet.audit.v1.MsgJudgeAudit"},
    Row<audit::MsgShowAudit>{"sublet.audit.v1.MsgShowAudit"},
    Row<stake::MsgCreateValidator>{"sublet.stake.v1.MsgCreateValidator"},
    Row<stake::MsgEditValidator>{"sublet.stake.v1.MsgEditValidator"},
    Row<stake::MsgDelegate>{"sublet.stake.v1.MsgDelegate"},
    Row<stake::MsgUnbond>{"sublet.stake.v1.MsgUnbond"},
    Row<stake::MsgUnjail>{"sublet.stake.v1.MsgUnjail"},
    Row<stake::MsgWithdrawRewards>{"sublet.stake.v1.MsgWithdrawRewards"},
    Row<gov::MsgPropose>{"sublet.gov.v1.MsgPropose"},
    Row<gov::MsgVote>{"sublet.gov.v1.MsgVote"},
};
static_assert(std::tuple_size_v<decltype(kMessages)> == std::variant_size_v<app::AnyMessage>,
              "a message is missing here");

// Records of the state and their parts.
inline constexpr auto kRecords = std::tuple{
    Row<account::Account>{"sublet.account.v1.Account"},
    Row<account::LastNumber>{"sublet.account.v1.LastNumber"},
    Row<bank::Balance>{"sublet.bank.v1.Balance"},
    Row<bank::Supply>{"sublet.bank.v1.Supply"},
    Row<bank::FaucetUse>{"sublet.bank.v1.FaucetUse"},
    Row<escrow::Deposit>{"sublet.escrow.v1.Deposit"},
    Row<escrow::Account>{"sublet.escrow.v1.Account"},
    Row<ledger::Params>{"sublet.ledger.v1.Params"},
    Row<app::LedgerClock>{"sublet.ledger.v1.LedgerClock"},
    Row<app::GenesisBalance>{"sublet.ledger.v1.GenesisBalance"},
    Row<app::Genesis>{"sublet.ledger.v1.Genesis"},
    Row<store::BlockHeader>{"sublet.ledger.v1.BlockHeader"},
    Row<provider::Attribute>{"sublet.provider.v1.Attribute"},
    Row<provider::Machine>{"sublet.provider.v1.Machine"},
    Row<provider::Counters>{"sublet.provider.v1.Counters"},
    Row<provider::Provider>{"sublet.provider.v1.Provider"},
    Row<provider::MachineChange>{"sublet.provider.v1.MachineChange"},
    Row<market::Volume>{"sublet.market.v1.Volume"},
    Row<market::GpuModel>{"sublet.market.v1.GpuModel"},
    Row<market::GpuStock>{"sublet.market.v1.GpuStock"},
    Row<market::ResourceUnit>{"sublet.market.v1.ResourceUnit"},
    Row<market::Capacity>{"sublet.market.v1.Capacity"},
    Row<market::PriceVector>{"sublet.market.v1.PriceVector"},
    Row<market::PendingTerms>{"sublet.market.v1.PendingTerms"},
    Row<market::Offer>{"sublet.market.v1.Offer"},
    Row<market::GroupSpec>{"sublet.market.v1.GroupSpec"},
    Row<market::Order>{"sublet.market.v1.Order"},
    Row<market::Group>{"sublet.market.v1.Group"},
    Row<market::Deployment>{"sublet.market.v1.Deployment"},
    Row<market::Lease>{"sublet.market.v1.Lease"},
    Row<market::LastId>{"sublet.market.v1.LastId"},
    Row<market::MatchCursor>{"sublet.market.v1.MatchCursor"},
    Row<job::Job>{"sublet.job.v1.Job"},
    Row<job::Rejected>{"sublet.job.v1.Rejected"},
    Row<job::Probe>{"sublet.job.v1.Probe"},
    Row<job::EngineRate>{"sublet.job.v1.EngineRate"},
    Row<job::Rates>{"sublet.job.v1.Rates"},
    Row<job::Task>{"sublet.job.v1.Task"},
    Row<audit::Terms>{"sublet.audit.v1.Terms"},
    Row<audit::Standing>{"sublet.audit.v1.Standing"},
    Row<audit::Weights>{"sublet.audit.v1.Weights"},
    Row<audit::WeightNode>{"sublet.audit.v1.WeightNode"},
    Row<audit::Chain>{"sublet.audit.v1.Chain"},
    Row<audit::Seat>{"sublet.audit.v1.Seat"},
    Row<audit::Audit>{"sublet.audit.v1.Audit"},
    Row<stake::Founder>{"sublet.stake.v1.Founder"},
    Row<stake::Params>{"sublet.stake.v1.Params"},
    Row<stake::Pool>{"sublet.stake.v1.Pool"},
    Row<stake::Member>{"sublet.stake.v1.Member"},
    Row<stake::EngineSet>{"sublet.stake.v1.EngineSet"},
    Row<stake::Validator>{"sublet.stake.v1.Validator"},
    Row<stake::Delegation>{"sublet.stake.v1.Delegation"},
    Row<stake::Leaving>{"sublet.stake.v1.Leaving"},
    Row<stake::Unbonding>{"sublet.stake.v1.Unbonding"},
    Row<gov::Params>{"sublet.gov.v1.Params"},
    Row<gov::Change>{"sublet.gov.v1.Change"},
    Row<gov::Ballot>{"sublet.gov.v1.Ballot"},
    Row<gov::Proposal>{"sublet.gov.v1.Proposal"},
    Row<gov::Proposals>{"sublet.gov.v1.Proposals"},
    Row<gov::Upgrade>{"sublet.gov.v1.Upgrade"},
};

}  // namespace sublet::contract
