// money_settling_test.cpp: settle(t1); settle(t2) moves the same money as settle(t2), and settling twice as once.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "history.hpp"

namespace sublet::properties {
namespace {

const bool kSized = use_histories(SUBLET_USUAL_HISTORIES);

RC_GTEST_PROP(Money, WhenAndHowOftenItIsSettledMovesNoMoney, ()) {
    const auto actions = *rc::gen::container<std::vector<Action>>(any_action());
    History once{Settling::kAsItComes};
    History often{actions.size() % 2 == 0 ? Settling::kOften : Settling::kTwice};
    for (const Action& action : actions) {
        once.act(action);
        often.act(action);
    }
    once.finish();
    often.finish();
    RC_ASSERT(once.balances() == often.balances());
}

}  // namespace
}  // namespace sublet::properties
