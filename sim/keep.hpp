// keep.hpp: what is killed is never destroyed: frames that still wait must not outlive their loop.
#pragma once

#include <memory>
#include <vector>

namespace sublet::sim {

template <class T>
void keep_for_ever(std::unique_ptr<T> what) {
    static auto* const all = std::make_unique<std::vector<std::unique_ptr<T>>>().release();
    all->push_back(std::move(what));
}

}  // namespace sublet::sim
