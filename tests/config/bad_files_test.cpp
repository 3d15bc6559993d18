#include "config/load.hpp"
#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>

namespace inferometer::config {
namespace {

constexpr const char* k_folder = "tests/data/config/bad";

/// The names in the folder of the files that end in `extension`, without it.
std::set<std::string> stems(const std::string& extension) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(INFEROMETER_SOURCE_DIR) / k_folder)) {
    if (entry.path().extension() == extension) {
      found.insert(entry.path().stem().string());
    }
  }
  return found;
}

std::string read(const std::string& name) {
  return sample::read_repository_file(std::string(k_folder) + "/" + name);
}

}  // namespace

TEST_CASE("each bad file has its expected messages beside it") {
  CHECK(stems(".yml").size() > 120);
  CHECK(stems(".yml") == stems(".expected"));
}

TEST_CASE("each bad file gives exactly the expected messages") {
  for (const std::string& name : stems(".yml")) {
    CAPTURE(name);
    const std::string path = std::string(INFEROMETER_SOURCE_DIR "/") + k_folder + "/" + name;
    const auto config = load_text(read(name + ".yml"), path + ".yml", sample::options());
    CHECK_FALSE(config.has_value());
    if (!config) {
      CHECK(render(name + ".yml", config.error()) == read(name + ".expected"));
    }
  }
}

TEST_CASE("no message shows a secret") {
  for (const std::string& name : stems(".expected")) {
    CAPTURE(name);
    const std::string messages = read(name + ".expected");
    for (const char* secret : {"0123456789abcdef", "hunter2"}) {
      CHECK(messages.find(secret) == std::string::npos);
    }
  }
}

}  // namespace inferometer::config
