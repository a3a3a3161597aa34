// TLS as a client speaks it: whom it trusts, and what it shows of itself.
#pragma once

#include <optional>
#include <string>

#include "gateway/cli/contract/command_result.hpp"

namespace boost::asio::ssl {
class context;
}

namespace signalbox {

// Whose word counts for an https server, and what it is shown where it asks who is there.
struct TlsTrust {
  std::string file;           // PEM certificates; empty: the authorities that the system trusts
  bool pinned = false;        // `file` is the server's own: its certificate may name another host
  std::string certificate{};  // PEM, the client's own; empty: none
  std::string key{};          // PEM, its private key, not encrypted
};

// Makes a context trust, and show, what it should. usage for a file that cannot be used.
std::optional<Failure> trust_in(boost::asio::ssl::context& context, const TlsTrust& trust);

}  // namespace signalbox
