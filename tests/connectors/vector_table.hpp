// Tables of signature vectors: a JSON array of {id, provider, secret, body_base64, headers, valid}.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::test {

// Checks the rows of a provider, which is also its connector, and returns how many there were.
std::size_t check_vectors(const std::string& path, std::string_view provider);

}  // namespace signalbox::test
