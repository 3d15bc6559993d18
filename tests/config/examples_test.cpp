#include "config/load.hpp"
#include "config/sample.hpp"

#include <doctest/doctest.h>

#include <filesystem>

namespace inferometer::config {

TEST_CASE("each example configuration loads") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INFEROMETER_SOURCE_DIR "/config")) {
    if (entry.path().extension() != ".yml") {
      continue;
    }
    const std::string path = entry.path().string();
    const LoadResult config = load_file(path, sample::options());
    CHECK_MESSAGE(config.has_value(),
                  render(path, config ? std::vector<Problem>() : config.error()));
    CHECK((config && !config->targets.empty()));
    ++count;
  }
  CHECK(count >= 2);
}

TEST_CASE("the examples need no environment to load") {
  LoadOptions options = sample::options();
  options.environment = [](const std::string&) { return std::nullopt; };
  CHECK(load_file(INFEROMETER_SOURCE_DIR "/config/minimal.yml", options).has_value());
  CHECK(load_file(INFEROMETER_SOURCE_DIR "/config/inferometer.yml", options).has_value());
}

}  // namespace inferometer::config
