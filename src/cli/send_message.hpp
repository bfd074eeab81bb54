// send_message.hpp: one message of one signer: signed by the key that --key names, sent, and its block waited for.
#pragma once

#include "cli/context.hpp"

namespace sublet::cli {

// `from` is the field that names the signer. Errors: those of context.signer() and of Chain::submit().
template <class Message>
Result<client::TxOutcome> send_message(Context& context, Message message, std::string Message::* from) {
    TRY(chain, context.chain());
    TRY(signer, context.signer());
    message.*from = signer->text();
    std::vector<client::TxMessage> messages{client::pack(message)};
    const auto progress = context.progress("waiting for the block");
    return context.wait(chain->submit(*signer, std::move(messages)));
}

}  // namespace sublet::cli
