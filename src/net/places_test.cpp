// places_test.cpp: who gets a place and who gives one up.
#include "net/places.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sublet::net {
namespace {

// Connections by name, of which those that had to go are remembered in order.
class PlacesTest : public ::testing::Test {
protected:
    bool come(const std::string& name, const std::string& peer) {
        auto place = places_.take(peer, [this, name] { gone_ += name; });
        const bool taken = place != nullptr;
        if (taken) {
            held_[name] = std::move(place);
        }
        return taken;
    }

    Places places_{{.all = 6, .per_peer = 4, .sockets = 4, .sockets_per_peer = 2}};
    std::map<std::string, std::unique_ptr<Places::Place>> held_;
    std::string gone_;
};

TEST_F(PlacesTest, PeersByAddress) {
    const auto peer = [](const char* text) { return peer_of(boost::asio::ip::make_address(text)); };
    EXPECT_EQ(peer("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(peer("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(peer("2001:db8:1:2:3:4:5:6"), peer("2001:db8:1:2::"));
    EXPECT_NE(peer("2001:db8:1:2::"), peer("2001:db8:1:3::"));
    EXPECT_NE(peer("::1"), peer("127.0.0.1"));
}

TEST_F(PlacesTest, ALimitOfFilesKeepsHalfOfThem) {
    const PlaceLimits wide = place_limits(kMaxServerConnections, 1U << 20U);
    EXPECT_EQ(wide.all, kMaxServerConnections);
    EXPECT_EQ(wide.per_peer, kMaxConnectionsPerPeer);
    EXPECT_EQ(wide.sockets, kMaxServerSockets);
    EXPECT_EQ(wide.sockets_per_peer, kMaxSocketsPerPeer);
    const PlaceLimits narrow = place_limits(kMaxServerConnections, 256);
    EXPECT_EQ(narrow.all, 128U);
    EXPECT_EQ(narrow.per_peer, 64U);
    EXPECT_EQ(place_limits(1, 0).sockets_per_peer, 1U);
}

TEST_F(PlacesTest, APeerWithAllItMayHaveGivesUpItsLongestWaiting) {
    for (const char* name : {"a", "b", "c", "d"}) {
        ASSERT_TRUE(come(name, "p"));
    }
    held_["a"]->work();
    held_["b"]->wait_for_peer();  // asked something meanwhile: c waits longest
    ASSERT_TRUE(come("e", "p"));
    EXPECT_EQ(gone_, "c");
    ASSERT_TRUE(come("f", "p"));
    EXPECT_EQ(gone_, "cd");
    EXPECT_EQ(places_.taken(), 4U);
    held_.erase("c");  // its end counts no second time
    EXPECT_EQ(places_.taken(), 4U);
}

TEST_F(PlacesTest, NobodyGoesWhoWorks) {
    for (const char* name : {"a", "b", "c", "d"}) {
        ASSERT_TRUE(come(name, "p"));
        held_[name]->work();
    }
    EXPECT_FALSE(come("e", "p"));
    EXPECT_EQ(gone_, "");
    EXPECT_TRUE(come("f", "another"));
    held_.erase("a");
    EXPECT_TRUE(come("g", "p"));
    EXPECT_EQ(gone_, "");
}

TEST_F(PlacesTest, WithAllTakenThePeerWithMostGivesOneUp) {
    ASSERT_TRUE(come("a", "small"));
    ASSERT_TRUE(come("b", "middle"));
    ASSERT_TRUE(come("c", "middle"));
    for (const char* name : {"d", "e", "f"}) {
        ASSERT_TRUE(come(name, "large"));
    }
    ASSERT_TRUE(come("g", "new"));
    EXPECT_EQ(gone_, "d");
    EXPECT_EQ(places_.taken(), 6U);
    ASSERT_TRUE(come("h", "middle"));  // the third of its own: b waits longest there
    EXPECT_EQ(gone_, "db");
    ASSERT_TRUE(come("i", "another"));  // middle, and large: two each
    EXPECT_EQ(gone_, "dbc");
}

TEST_F(PlacesTest, APeerWithLessIsNeverRobbed) {
    ASSERT_TRUE(come("a", "small"));
    ASSERT_TRUE(come("b", "middle"));
    ASSERT_TRUE(come("c", "middle"));
    for (const char* name : {"d", "e", "f"}) {
        ASSERT_TRUE(come(name, "large"));
        held_[name]->work();
    }
    EXPECT_FALSE(come("g", "large"));
    EXPECT_EQ(gone_, "");
    EXPECT_TRUE(come("h", "new"));
    EXPECT_EQ(gone_, "b");
}

TEST_F(PlacesTest, WebSocketsLeavePlacesForRequests) {
    for (const char* name : {"a", "b", "c"}) {
        ASSERT_TRUE(come(name, "p"));
    }
    EXPECT_TRUE(held_["a"]->become_socket());
    EXPECT_TRUE(held_["b"]->become_socket());
    EXPECT_FALSE(held_["c"]->become_socket());  // two of one peer
    ASSERT_TRUE(come("d", "q"));
    ASSERT_TRUE(come("e", "q"));
    EXPECT_TRUE(held_["d"]->become_socket());
    EXPECT_TRUE(held_["e"]->become_socket());
    ASSERT_TRUE(come("f", "r"));
    EXPECT_FALSE(held_["f"]->become_socket());  // four in all
    held_.erase("a");
    EXPECT_TRUE(held_["f"]->become_socket());
    ASSERT_TRUE(come("g", "s"));
    ASSERT_TRUE(come("h", "t"));
    EXPECT_EQ(gone_, "c");  // the one that is no WebSocket
}

}  // namespace
}  // namespace sublet::net
