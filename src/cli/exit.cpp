// exit.cpp: result codes as exit codes, and what to do about the common ones.
#include "cli/exit.hpp"

namespace sublet::cli {

int exit_of(Code code) noexcept {
    switch (code) {
        case Code::kOk:
            return kExitOk;
        case Code::kUsage:
            return kExitUsage;
        case Code::kNotFound:
        case Code::kLeaseUnknown:
        case Code::kDeploymentUnknown:
        case Code::kOfferUnknown:
        case Code::kProviderUnknown:
            return kExitNotFound;
        case Code::kTimeout:
            return kExitTimeout;
        case Code::kIo:
        case Code::kTls:
        case Code::kEngine:
        case Code::kUnsupported:
            return kExitEnvironment;
        default:
            break;
    }
    const auto number = static_cast<std::uint32_t>(code);
    const bool of_the_ledger = number < 200 || (number >= 1000 && number < 9000);
    return of_the_ledger ? kExitRefused : kExitFailed;
}

const char* hint_of(Code code) noexcept {
    switch (code) {
        case Code::kInsufficientFunds:
        case Code::kFeeUnpayable:
        case Code::kAccountUnknown:
            return "see what there is with `sublet wallet balance`; a local network gives credits with `sublet wallet "
                   "faucet`";
        case Code::kFaucetClosed:
            return "this network has no faucet: let somebody send you credits";
        case Code::kFaucetLimit:
            return "the faucet gives to each address once in a while; try again later";
        case Code::kEngine:
            return "`sublet doctor` says what this machine lacks";
        case Code::kDepositTooSmall:
            return "deposit more with --deposit CREDITS, or leave it out for 24 hours' worth";
        default:
            return "";
    }
}

}  // namespace sublet::cli
