#include "cli/shard_flags.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <climits>
#include <string>

namespace inferometer::cli {
namespace {

std::optional<std::uint32_t> ordinal_of(std::string_view host_name) {
  // Of a fully qualified name, the first part is the pod's.
  const std::string_view pod = host_name.substr(0, host_name.find('.'));
  const std::size_t hyphen = pod.rfind('-');
  if (hyphen == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view digits = pod.substr(hyphen + 1);
  std::uint32_t ordinal = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ordinal);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole ? std::optional(ordinal) : std::nullopt;
}

}  // namespace

base::Result<schedule::Shard> resolve_shard(const ShardFlags& flags, std::string_view host_name) {
  if (flags.count == 1 && !flags.index) {
    return schedule::Shard();
  }
  const std::optional<std::uint32_t> index = flags.index ? flags.index : ordinal_of(host_name);
  if (!index) {
    return base::fail(
        fmt::format("--shard.count is {} and the host name {} ends in no ordinal, as that of a "
                    "StatefulSet's pod "
                    "does: give --shard.index",
                    flags.count, host_name));
  }
  if (*index >= flags.count) {
    return base::fail(fmt::format(
        "{} is no shard of {}: they are numbered from 0 to {}; --shard.count must be the "
        "number of replicas",
        *index, flags.count, flags.count - 1));
  }
  return schedule::Shard{.index = *index, .count = flags.count};
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "";
}

}  // namespace inferometer::cli
