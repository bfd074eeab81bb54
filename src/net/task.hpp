// task.hpp: the coroutine type of the effects half.
// Rules that GCC 12 asks for: name every argument before `co_await` (no braced temporaries inside the expression), no
// `co_await` inside a condition with temporaries, coroutine parameters by value, coroutine lambdas capture nothing that
// may die.
#pragma once

#include <utility>  // before Asio with GCC 12

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/result.hpp"

namespace sublet::net {

template <class T = void>
using Task = boost::asio::awaitable<T>;

using Loop = boost::asio::io_context;

}  // namespace sublet::net
