// code_table.hpp: each code beside its name; the golden test of docs/spec/errors.md walks it.
// Deterministic. Spec: docs/spec/errors.md.
#pragma once

#include <string_view>

#include "base/code.hpp"

namespace sublet {

struct CodeRow {
    Code code;
    std::string_view name;
};

inline constexpr CodeRow kCodeTable[] = {
    {Code::kOk, "Ok"},
    {Code::kMalformed, "Malformed"},
    {Code::kNotCanonical, "NotCanonical"},
    {Code::kUnknownField, "UnknownField"},
    {Code::kTooLarge, "TooLarge"},
    {Code::kBadSignature, "BadSignature"},
    {Code::kBadAddress, "BadAddress"},
    {Code::kUnknownMessage, "UnknownMessage"},
    {Code::kEnvelopeRefused, "EnvelopeRefused"},
    {Code::kWrongSigners, "WrongSigners"},
    {Code::kBadField, "BadField"},
    {Code::kOutOfRange, "OutOfRange"},
    {Code::kNoMessages, "NoMessages"},
    {Code::kWrongSequence, "WrongSequence"},
    {Code::kAccountUnknown, "AccountUnknown"},
    {Code::kFeeTooLow, "FeeTooLow"},
    {Code::kFeeUnpayable, "FeeUnpayable"},
    {Code::kGasTooLow, "GasTooLow"},
    {Code::kTimeoutHeight, "TimeoutHeight"},
    {Code::kMempoolFull, "MempoolFull"},
    {Code::kWrongChain, "WrongChain"},
    {Code::kInternal, "Internal"},
    {Code::kOverflow, "Overflow"},
    {Code::kNotFound, "NotFound"},
    {Code::kHeightPruned, "HeightPruned"},
    {Code::kInsufficientFunds, "InsufficientFunds"},
    {Code::kUnknownDenom, "UnknownDenom"},
    {Code::kFaucetLimit, "FaucetLimit"},
    {Code::kFaucetClosed, "FaucetClosed"},
    {Code::kProviderExists, "ProviderExists"},
    {Code::kProviderUnknown, "ProviderUnknown"},
    {Code::kNotOperator, "NotOperator"},
    {Code::kProviderBusy, "ProviderBusy"},
    {Code::kHeartbeatTooSoon, "HeartbeatTooSoon"},
    {Code::kOfferUnknown, "OfferUnknown"},
    {Code::kOfferBusy, "OfferBusy"},
    {Code::kNotOfferOwner, "NotOfferOwner"},
    {Code::kTooManyOffers, "TooManyOffers"},
    {Code::kDeploymentUnknown, "DeploymentUnknown"},
    {Code::kNotDeploymentOwner, "NotDeploymentOwner"},
    {Code::kDeploymentClosed, "DeploymentClosed"},
    {Code::kTooManyDeployments, "TooManyDeployments"},
    {Code::kDepositTooSmall, "DepositTooSmall"},
    {Code::kManifestUnchanged, "ManifestUnchanged"},
    {Code::kDeploymentLeased, "DeploymentLeased"},
    {Code::kLeaseUnknown, "LeaseUnknown"},
    {Code::kNotLeaseParty, "NotLeaseParty"},
    {Code::kLeaseClosed, "LeaseClosed"},
    {Code::kLeaseNotAssigned, "LeaseNotAssigned"},
    {Code::kReasonNotAllowed, "ReasonNotAllowed"},
    {Code::kTooEarly, "TooEarly"},
    {Code::kDepositorsFull, "DepositorsFull"},
    {Code::kNotDepositor, "NotDepositor"},
    {Code::kNothingToWithdraw, "NothingToWithdraw"},
    {Code::kLeaseNotFunded, "LeaseNotFunded"},
    {Code::kProviderDown, "ProviderDown"},
    {Code::kIo, "Io"},
    {Code::kTimeout, "Timeout"},
    {Code::kRefused, "Refused"},
    {Code::kHttp, "Http"},
    {Code::kTls, "Tls"},
    {Code::kParse, "Parse"},
    {Code::kUnsupported, "Unsupported"},
    {Code::kConflict, "Conflict"},
    {Code::kUnauthorized, "Unauthorized"},
    {Code::kCancelled, "Cancelled"},
    {Code::kEngine, "Engine"},
    {Code::kImage, "Image"},
    {Code::kStoreDamaged, "StoreDamaged"},
    {Code::kUsage, "Usage"},
    {Code::kKeyring, "Keyring"},
};

}  // namespace sublet
