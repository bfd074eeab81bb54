// money_balances_test.cpp: whatever people do, every balance, deposit and stream is what the naive model predicts.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "history.hpp"

namespace sublet::properties {
namespace {

const bool kSized = use_histories(SUBLET_USUAL_HISTORIES);

RC_GTEST_PROP(Money, EveryBalanceIsPredictedToTheUnit, ()) {
    const auto actions = *rc::gen::container<std::vector<Action>>(any_action());
    // Every third history also runs on a copy that is restarted from the store again and again.
    History history{Settling::kAsItComes, actions.size() % 3 == 0 ? 17U : 0U};
    for (const Action& action : actions) {
        history.act(action);
    }
    history.finish();
}

}  // namespace
}  // namespace sublet::properties
