// identity.hpp: a gateway's key that depends on its name alone.
#pragma once

#include <string>

namespace sublet::sim {

struct Identity {
    std::string certificate_pem;  // self-signed; its signature differs from run to run, its key does not
    std::string private_key_pem;
};
Identity identity_of(const std::string& name);

}  // namespace sublet::sim
