// begin_state.cpp: one way into the store for both.
#include "engine/begin_state.hpp"

#include "engine/crash.hpp"
#include "engine/genesis.hpp"
#include "engine/state_file.hpp"

namespace sublet::engine {

Result<> store_beginning(store::Store& store, const app::Committed& state, const app::Genesis& genesis) {
    crash_point(CrashPoint::kBeforeBegin);
    TRY_OK(store.begin_from(genesis.chain_id, genesis_to_json(genesis),
                            {.height = state.height,
                             .time = state.time,
                             .app_hash = state.app_hash,
                             .state = state.view.state(),
                             .half_written = [] { crash_point(CrashPoint::kHalfBegun); }}));
    crash_point(CrashPoint::kAfterBegin);
    return {};
}

Result<std::unique_ptr<app::App>> begin_exported(store::Store& store, const app::Genesis& genesis,
                                                 const std::filesystem::path& state_file,
                                                 const ledger::Parallel& parallel) {
    TRY(state, state_of(genesis, state_file));
    TRY(app, app::App::from_exported(genesis, state, parallel));
    TRY_OK(store_beginning(store, *app->committed(), genesis));
    return std::move(app);
}

Result<app::Genesis> exported_genesis(const store::StoredState& stored, std::string chain_id) {
    if (chain_id == stored.chain_id) {
        return fail(Code::kUsage, "the new network needs another name than '" + stored.chain_id +
                                      "': what was signed for the one would count in the other");
    }
    app::Genesis out;
    out.chain_id = std::move(chain_id);
    out.time = stored.time;
    out.state_root = Bytes{view_of(stored.app_hash)};
    out.state_height = stored.height;
    return out;
}

}  // namespace sublet::engine
