// A directory of its own for a test that needs files, removed at the end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gateway/config/config.hpp"

namespace signalbox {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "signalbox-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp failed"};
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(std::string_view name) const { return (path_ / name).string(); }

  // Writes a file readable by its owner only and returns its path.
  std::string write(std::string_view name, std::string_view text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << text;
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file.string();
  }

  // An environment of exactly these NAME=value lines.
  Environment environment(std::string_view lines) const {
    Environment environment;
    const auto added = environment.add_file(write("environment", lines));
    if (!added) throw std::runtime_error{added.error().detail};
    return environment;
  }

 private:
  std::filesystem::path path_;
};

// Tokens and a secret that are long enough to be accepted, under the names that the tests' files
// use.
inline constexpr std::string_view test_environment =
    "GITHUB_WEBHOOK_SECRET=a-webhook-secret-of-32-characters\n"
    "REVIEWER_TOKEN=reviewer-token-0001\n"
    "CODER_TOKEN=coder-token-00000002\n"
    "OPERATOR_TOKEN=operator-token-0003\n";

}  // namespace signalbox
