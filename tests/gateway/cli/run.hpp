// Runs the command line in this process, on a machine that a test describes.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "gateway/cli/run_cli.hpp"
#include "tests/gateway/cli/client/fake_server.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox {

struct Ran {
  int status = 0;
  std::string out;
  std::string err;
};

inline constexpr std::string_view own_token = "a-token-of-my-own";

inline Ran run(const std::vector<std::string>& arguments, Environment environment = {}) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err, false, 0};
  const int status =
      run_cli(arguments, terminal, std::move(environment), *parse_time("2026-11-22T10:01:00Z"));
  return {status, out.str(), err.str()};
}

// A machine without any configuration, told where the server is.
inline Ran run_against(const FakeServer& server, const std::vector<std::string>& arguments) {
  Scratch scratch;
  return run(arguments, scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") +
                                            "\nSIGNALBOX_URL=" + server.url() +
                                            "\nSIGNALBOX_TOKEN=" + std::string{own_token} + "\n"));
}

}  // namespace signalbox
