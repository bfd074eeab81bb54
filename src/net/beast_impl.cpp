// beast_impl.cpp: the one unit that compiles Beast itself; every other unit sees declarations only.
#include <utility>  // before Asio with GCC 12

#include <boost/beast/src.hpp>
