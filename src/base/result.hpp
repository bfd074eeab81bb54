// result.hpp: how every fallible function answers: a value, or a numbered code with a sentence for people.
// Deterministic. Spec: docs/spec/errors.md.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/code.hpp"

namespace sublet {

// What went wrong. `code` is protocol; `message` is for people (what happened, where, what to do) and is never hashed.
struct Error {
    Code code = Code::kInternal;
    std::string message;
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string message) {
    return std::unexpected<Error>{Error{code, std::move(message)}};
}

}  // namespace sublet

// Unwraps into `var` or returns the error. `var` must be a fresh name.
#define TRY(var, expr)                                           \
    auto var##_result = (expr);                                  \
    if (!var##_result) {                                         \
        return std::unexpected{std::move(var##_result).error()}; \
    }                                                            \
    auto&& var = *std::move(var##_result)

#define TRY_OK(expr)                                              \
    if (auto sublet_result = (expr); !sublet_result) {            \
        return std::unexpected{std::move(sublet_result).error()}; \
    }

// The same two inside a coroutine.
#define CO_TRY(var, expr)                                           \
    auto var##_result = (expr);                                     \
    if (!var##_result) {                                            \
        co_return std::unexpected{std::move(var##_result).error()}; \
    }                                                               \
    auto&& var = *std::move(var##_result)

#define CO_TRY_OK(expr)                                                  \
    {                                                                    \
        auto sublet_result = (expr);                                     \
        if (!sublet_result) {                                            \
            co_return std::unexpected{std::move(sublet_result).error()}; \
        }                                                                \
    }
