// network.hpp: the wires between processes: delays, losses, cut cables, and nothing that leaves this program.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dice.hpp"
#include "net/listener.hpp"
#include "time.hpp"

namespace sublet::sim {

// What the wires do; the healed world has none of it.
struct Weather {
    std::uint64_t latency_ms_min = 1;
    std::uint64_t latency_ms_max = 5;
    std::uint64_t lost_request_permille = 0;
    std::uint64_t lost_answer_permille = 0;  // it was handled, and nobody hears of it
    std::uint64_t broken_socket_permille = 0;
};

// Every process has a name ("node-0"); a server is found by its host name and port.
class SimNetwork {
public:
    SimNetwork(SimTime& time, Dice dice) : time_(time), dice_(dice) {}

    std::unique_ptr<net::Transport> transport(net::Loop& loop, std::string process);
    // `host` is the name that others dial.
    std::unique_ptr<net::Listener> listener(net::Loop& loop, std::string process, std::string host);

    // From now on this process' exchanges are drawn with these dice, and those of others do not move with them.
    void give_dice(const std::string& process, const Dice& dice) { own_dice_.insert_or_assign(process, dice); }

    Weather weather;
    void cut(const std::string& process) { cut_.insert(process); }
    void mend(const std::string& process) { cut_.erase(process); }
    // The process is gone: its servers refuse, its open exchanges break.
    void drop(const std::string& process);

    [[nodiscard]] std::uint64_t exchanges() const { return exchange_count_; }

private:
    friend class SimTransport;
    friend class SimListener;
    friend class SimServer;
    class Socket;
    struct Exchange;
    struct Served {
        std::string process;
        net::Loop* loop = nullptr;
        net::ServerOptions options;
        net::Handler handler;
        net::SocketHandler socket_handler;
        net::UpgradeGate gate;
    };
    using Address = std::pair<std::string, std::uint16_t>;

    Dice& dice_of(const std::string& process) {
        const auto own = own_dice_.find(process);
        return own == own_dice_.end() ? dice_ : own->second;
    }
    std::uint64_t latency_ms(const std::string& process) {
        return dice_of(process).between(weather.latency_ms_min, weather.latency_ms_max);
    }
    [[nodiscard]] bool is_cut(const std::string& process) const { return cut_.contains(process); }
    Result<std::shared_ptr<Served>> find(const net::Endpoint& endpoint, const std::string& from);

    SimTime& time_;
    Dice dice_;
    std::map<std::string, Dice> own_dice_;
    std::set<std::string> cut_;
    std::map<Address, std::shared_ptr<Served>> servers_;
    std::vector<std::weak_ptr<Exchange>> exchanges_;
    std::vector<std::weak_ptr<Socket>> sockets_;
    std::uint16_t next_port_ = 20'000;
    std::uint64_t exchange_count_ = 0;
};

}  // namespace sublet::sim
