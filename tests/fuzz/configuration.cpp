#include "config/load.hpp"
#include "config/redact.hpp"
#include "fuzz/input.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

// Any text is a configuration or a list of what is wrong with it; a good one survives being written
// and read again.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inferometer;
  const fuzz::Input input(data, size);
  config::LoadOptions options;
  options.protocols = {{.name = "openai-chat", .takes_ignore_eos = true},
                       {.name = "anthropic", .takes_ignore_eos = false}};
  options.environment = [](const std::string& name) {
    return name == "A" ? std::optional<std::string>("a") : std::nullopt;
  };
  const auto loaded = config::load_text(input.rest(), "fuzz/fuzz.yml", options);
  if (!loaded) {
    fuzz::require(!loaded.error().empty());
    return 0;
  }
  fuzz::require(!config::to_redacted_yaml(*loaded).empty());
  return 0;
}
