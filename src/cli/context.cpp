// context.cpp: finds the home folder, the node and the keys.
#include "cli/context.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "client/passphrase.hpp"

namespace sublet::cli {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

std::filesystem::path home_of(const Globals& globals) {
    if (!globals.home.empty()) {
        return std::filesystem::absolute(globals.home);
    }
    if (const std::string home = environment("SUBLET_HOME"); !home.empty()) {
        return std::filesystem::absolute(home);
    }
    if (const std::string data = environment("XDG_DATA_HOME"); !data.empty()) {
        return std::filesystem::path{data} / "sublet";
    }
    const std::string home = environment("HOME");
    return std::filesystem::path{home.empty() ? "/root" : home} / ".local/share/sublet";
}

bool colours() {
    static const bool kWanted =
        ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
    return kWanted;
}

}  // namespace

struct Context::Place {
    client::Keyring keyring;
    client::PassphraseSource source;
};

Context::Context(Globals the_globals)
    : globals(std::move(the_globals)),
      clock(net::system_clock()),
      random(net::system_random()),
      files(net::system_files()),
      transport(net::system_transport(loop)),
      home_(home_of(globals)),
      local_(read_local_network(*files, home_)),
      keyring_(*files, *random, home_ / "keys") {}

Result<client::Chain*> Context::chain() {
    if (!chain_) {
        std::string url = globals.node.empty() ? environment("SUBLET_NODE") : globals.node;
        if (url.empty() && local_) {
            url = local_->node;
        }
        if (url.empty()) {
            return fail(Code::kUsage,
                        "no node is known: name one with --node URL or SUBLET_NODE, or start a local network "
                        "with `sublet up`");
        }
        TRY(endpoint, net::parse_endpoint(url));
        chain_ = std::make_unique<client::Chain>(*transport, *clock, endpoint);
    }
    return chain_.get();
}

Result<std::vector<client::KeyInfo>> Context::keys() {
    std::vector<client::KeyInfo> out;
    if (files->exists(home_ / "keys")) {
        TRY(own, keyring_.list());
        out = own;
    }
    if (local_ && files->exists(local_->keys())) {
        client::Keyring demo{*files, *random, local_->keys()};
        TRY(more, demo.list());
        for (client::KeyInfo& each : more) {
            const bool taken =
                std::ranges::any_of(out, [&](const client::KeyInfo& own) { return own.name == each.name; });
            if (!taken) {
                out.push_back(each);
            }
        }
    }
    return out;
}

Result<client::KeyInfo> Context::key_info(std::string name) {
    if (name.empty()) {
        name = globals.key.empty() ? environment("SUBLET_KEY") : globals.key;
    }
    TRY(all, keys());
    if (all.empty()) {
        return fail(Code::kKeyring,
                    "there is no key yet: make one with `sublet wallet new NAME`, or start a local network "
                    "with `sublet up`");
    }
    if (name.empty()) {
        const bool one = all.size() == 1;
        name = one ? all.front().name : "tenant";
        if (std::ranges::none_of(all, [&](const client::KeyInfo& each) { return each.name == name; })) {
            return fail(Code::kUsage,
                        "there are several keys: say which with --key NAME (`sublet wallet ls` lists them)");
        }
    }
    for (const client::KeyInfo& each : all) {
        if (each.name == name) {
            return each;
        }
    }
    return fail(Code::kKeyring, fmt::format("there is no key \"{}\"; `sublet wallet ls` lists what there is", name));
}

Result<Context::Place> Context::place_of(const std::string& name) {
    client::PassphraseSource source;
    const std::string file =
        globals.passphrase_file.empty() ? environment("SUBLET_PASSPHRASE_FILE") : globals.passphrase_file;
    if (!file.empty()) {
        source.file = file;
    }
    source.prompt = fmt::format("Passphrase of key {}: ", name);
    const bool at_home = files->exists(home_ / "keys" / (name + ".json"));
    if (!at_home && local_) {
        source.file = local_->passphrase_file();
        source.use_environment = false;  // demo keys have a passphrase of their own
        return Place{client::Keyring{*files, *random, local_->keys()}, source};
    }
    return Place{client::Keyring{*files, *random, home_ / "keys"}, source};
}

Result<client::UnlockedKey> Context::unlock(std::string name) {
    TRY(info, key_info(std::move(name)));
    TRY(place, place_of(info.name));
    TRY(passphrase, client::read_passphrase(*files, place.source));
    return place.keyring.unlock(info.name, passphrase);
}

Result<std::unique_ptr<client::Signer>> Context::signer(std::string name) {
    TRY(key, unlock(std::move(name)));
    return client::Signer::make(loop, key.secret);
}

Result<std::string> Context::new_passphrase() {
    client::PassphraseSource source;
    if (!globals.passphrase_file.empty()) {
        source.file = globals.passphrase_file;
    }
    source.prompt = "New passphrase (8 characters or more): ";
    source.new_key = true;
    return client::read_passphrase(*files, source);
}

Result<Address> Context::address_of(const std::string& text) {
    if (const Result<Address> address = crypto::parse_address(text)) {
        return *address;
    }
    TRY(all, keys());
    for (const client::KeyInfo& each : all) {
        if (each.name == text) {
            return each.address;
        }
    }
    return fail(Code::kUsage, fmt::format("\"{}\" is neither an address (sublet1…) nor the name of a key", text));
}

std::string paint(fmt::terminal_color color, std::string_view text) {
    return colours() ? fmt::format(fmt::fg(color), "{}", text) : std::string{text};
}

std::string state_text(std::string_view state) {
    using fmt::terminal_color;
    if (state == "running" || state == "active" || state == "ok") {
        return paint(terminal_color::green, state);
    }
    if (state == "closed" || state == "down" || state == "fail" || state == "silent") {
        return paint(terminal_color::red, state);
    }
    return paint(terminal_color::yellow, state);
}

std::string json_quoted(std::string_view text) {
    std::string out;
    codec::append_json_string(out, text);
    return out;
}

void print_json(std::string_view json) { fmt::print("{}\n", json); }

}  // namespace sublet::cli
