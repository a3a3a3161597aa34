// What a client makes of TLS: whose certificates it trusts, and what an answer is that is none.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>

#include "gateway/cli/client/http_client.hpp"

namespace signalbox {

// Sets whom the context trusts; usage for a file that holds no certificate.
std::optional<Failure> trust_in(boost::asio::ssl::context& context, const TlsTrust& trust);

// Whether a handshake failed since the other side speaks no TLS at all.
bool speaks_plain_http(const boost::system::error_code& failed);

}  // namespace signalbox
