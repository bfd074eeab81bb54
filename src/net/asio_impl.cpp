// asio_impl.cpp: the one unit that compiles Asio itself; every other unit sees declarations only.
#include <utility>  // before Asio with GCC 12

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
