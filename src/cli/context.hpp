// context.hpp: what every verb works with: the options that all share, the world, the node, the keys, the output.
#pragma once

#include <fmt/color.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cli/local_network.hpp"
#include "cli/progress.hpp"
#include "client/chain.hpp"
#include "client/keyring.hpp"
#include "codec/json.hpp"
#include "net/run.hpp"

namespace sublet::cli {

struct Globals {
    bool json = false;
    std::string node;             // URL; empty: SUBLET_NODE, else the local network's
    std::string home;             // empty: SUBLET_HOME, else ~/.local/share/sublet
    std::string key;              // name; empty: SUBLET_KEY, else the only one, else "tenant"
    std::string passphrase_file;  // empty: SUBLET_PASSPHRASE_FILE
};

class Context {
public:
    explicit Context(Globals globals);

    const Globals globals;
    net::Loop loop;
    const std::unique_ptr<net::Clock> clock;
    const std::unique_ptr<net::Random> random;
    const std::unique_ptr<net::Files> files;
    const std::unique_ptr<net::Transport> transport;

    [[nodiscard]] std::filesystem::path home() const { return home_; }
    // Of the network that `up` started, if its file is there.
    [[nodiscard]] const std::optional<LocalNetwork>& local() const { return local_; }
    // Errors: kUsage (no node was named and no local network is known), kParse.
    Result<client::Chain*> chain();

    client::Keyring& keyring() { return keyring_; }
    // Every key that can be used, those of the home folder first.
    Result<std::vector<client::KeyInfo>> keys();
    // The key that --key names, or the default one. Errors: kKeyring, kUsage.
    Result<client::KeyInfo> key_info(std::string name = {});
    Result<client::UnlockedKey> unlock(std::string name = {});
    Result<std::unique_ptr<client::Signer>> signer(std::string name = {});
    Result<std::string> new_passphrase();
    // A key's name or an address.
    Result<Address> address_of(const std::string& text);

    // Runs the loop until it is done.
    template <class T>
    T wait(net::Task<T> task) {
        return net::run(loop, std::move(task));
    }
    std::unique_ptr<Progress> progress(std::string what) {
        return std::make_unique<Progress>(loop, *clock, std::move(what));
    }

private:
    struct Place;  // a keyring and how its keys are unlocked
    Result<Place> place_of(const std::string& name);

    std::filesystem::path home_;
    std::optional<LocalNetwork> local_;
    client::Keyring keyring_;
    std::unique_ptr<client::Chain> chain_;
};

// Text in a colour where standard output is a terminal that wants colours (NO_COLOR).
std::string paint(fmt::terminal_color color, std::string_view text);
std::string state_text(std::string_view state);  // green for running, yellow on its way, red for closed

// Prints a JSON text and a newline.
void print_json(std::string_view json);
std::string json_quoted(std::string_view text);
// "[a,b,c]" of records as JSON.
template <class List>
std::string json_list(const List& list) {
    std::string out = "[";
    for (const auto& each : list) {
        out += out.size() == 1 ? "" : ",";
        out += codec::to_json(each);
    }
    return out + "]";
}

}  // namespace sublet::cli
