// code.hpp: every result code of the protocol and of the program, numbered by hand, never reused.
// Deterministic. Spec: docs/spec/errors.md (a golden test keeps the two together).
#pragma once

#include <cstdint>
#include <string_view>

namespace sublet {

// Ranges: 1–99 malformed (no fee, never in a block), 100–199 unpayable (same), 200–299 programmer and limits,
// 1000+ refused by a module (fee and sequence are taken, nothing else changes), 9000+ the effects half (never on the
// ledger).
enum class [[nodiscard]] Code : std::uint32_t {
    kOk = 0,
    // malformed
    kMalformed = 1,
    kNotCanonical = 2,
    kUnknownField = 3,
    kTooLarge = 4,
    kBadSignature = 5,
    kBadAddress = 6,
    kUnknownMessage = 7,
    kEnvelopeRefused = 8,
    kWrongSigners = 9,
    kBadField = 10,
    kOutOfRange = 11,
    kNoMessages = 12,
    // unpayable
    kWrongSequence = 100,
    kAccountUnknown = 101,
    kFeeTooLow = 102,
    kFeeUnpayable = 103,
    kGasTooLow = 104,
    kTimeoutHeight = 105,
    kMempoolFull = 106,
    kWrongChain = 107,
    // shared
    kInternal = 200,
    kOverflow = 201,
    kNotFound = 202,
    kHeightPruned = 203,
    // bank
    kInsufficientFunds = 1000,
    kUnknownDenom = 1001,
    kFaucetLimit = 1002,
    kFaucetClosed = 1003,
    // provider
    kProviderExists = 1100,
    kProviderUnknown = 1101,
    kNotOperator = 1102,
    kProviderBusy = 1103,
    kHeartbeatTooSoon = 1104,
    // market: offers and orders
    kOfferUnknown = 1200,
    kOfferBusy = 1201,
    kNotOfferOwner = 1202,
    kTooManyOffers = 1203,
    kDeploymentUnknown = 1210,
    kNotDeploymentOwner = 1211,
    kDeploymentClosed = 1212,
    kTooManyDeployments = 1213,
    kDepositTooSmall = 1214,
    kManifestUnchanged = 1215,
    kDeploymentLeased = 1216,
    // market: leases
    kLeaseUnknown = 1300,
    kNotLeaseParty = 1301,
    kLeaseClosed = 1302,
    kLeaseNotAssigned = 1303,
    kReasonNotAllowed = 1304,
    kTooEarly = 1305,
    kDepositorsFull = 1306,
    kNotDepositor = 1307,
    kNothingToWithdraw = 1308,
    kLeaseNotFunded = 1309,
    kProviderDown = 1310,
    // job
    kJobUnknown = 1400,
    kNotJobOwner = 1401,
    kJobClosed = 1402,
    kTooManyJobs = 1403,
    kWrongJobState = 1404,
    kNoTask = 1410,
    kTooManyClaims = 1411,
    kBarred = 1412,
    kTaskUnknown = 1413,
    kWrongAttempt = 1414,
    kWrongTaskState = 1415,
    kWrongResult = 1416,
    kMayNotReject = 1417,
    kNotDrawn = 1420,
    // audit
    kAuditUnknown = 1500,
    kNotAuditor = 1501,
    kWrongElement = 1502,
    kStakeTooSmall = 1503,
    // stake
    kNoValidators = 1600,
    kValidatorUnknown = 1601,
    kValidatorExists = 1602,
    kKeyTaken = 1603,
    kTooManyValidators = 1604,
    kBondTooSmall = 1605,
    kStruck = 1606,
    kNotJailed = 1607,
    kDelegationUnknown = 1608,
    kTooManyUnbondings = 1609,
    // gov
    kProposalUnknown = 1700,
    kVotingOver = 1701,
    kTooManyProposals = 1702,
    kUnknownParameter = 1703,
    kNoVote = 1704,
    // effects half
    kIo = 9000,
    kTimeout = 9001,
    kRefused = 9002,
    kHttp = 9003,
    kTls = 9004,
    kParse = 9005,
    kUnsupported = 9006,
    kConflict = 9007,
    kUnauthorized = 9008,
    kCancelled = 9009,
    kEngine = 9010,
    kImage = 9011,
    kStoreDamaged = 9012,
    kUsage = 9013,
    kKeyring = 9014,
    kNotProved = 9015,
};

// The code's name as the protocol spells it, without the k: "WrongSequence". Unknown numbers give "Unknown".
std::string_view code_name(Code code) noexcept;

// "sublet" for the shared ranges, else the module: "bank", "provider", "market", "job", "audit", "stake", "gov",
// "effects".
std::string_view code_space(Code code) noexcept;

}  // namespace sublet
