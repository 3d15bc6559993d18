#include "transport/http/http1_lines.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace inferometer::transport::http {
namespace {

constexpr std::string_view k_blanks = " \t";

/// Whether `text` has a control character, which a tab is not where blanks may stand. A carriage
/// return without a line feed is one.
bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return base::is_control(c) && c != '\t'; });
}

/// The whole of `text` as a number, or none: also if it does not fit.
std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, base);
  // from_chars takes no sign for an unsigned type.
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

/// Calls `use` for each element of the lists that the headers of that name hold together.
template <typename Use>
void for_each_element(const ResponseHead& head, std::string_view name, const Use& use) {
  for (const auto& [key, value] : head.headers) {
    if (key != name) {
      continue;
    }
    std::string_view rest = value;
    while (true) {
      const std::size_t comma = rest.find(',');
      use(base::trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) {
        break;
      }
      rest.remove_prefix(comma + 1);
    }
  }
}

/// None without such a header. Equal values may be repeated (RFC 9110 §8.6).
base::Result<std::optional<std::uint64_t>> content_length(const ResponseHead& head) {
  std::optional<std::uint64_t> length;
  bool valid = true;
  for_each_element(head, "content-length", [&](std::string_view element) {
    const auto number = parse_number(element, 10);
    valid = valid && number && (!length || length == number);
    length = number;
  });
  if (!valid) {
    return base::fail("Content-Length is no number, too large a one or several that differ");
  }
  return length;
}

base::Result<bool> is_chunked(const ResponseHead& head) {
  std::size_t codings = 0;
  bool chunked = true;
  for_each_element(head, "transfer-encoding", [&](std::string_view element) {
    ++codings;
    chunked = chunked && base::equal_ignoring_case(element, "chunked");
  });
  if (!chunked || codings > 1) {
    return base::fail("Transfer-Encoding is other than \"chunked\"");
  }
  return codings == 1;
}

/// RFC 9112 §9.3.
bool is_persistent(int minor_version, const ResponseHead& head) {
  bool close = false;
  bool keep_alive = false;
  for_each_element(head, "connection", [&](std::string_view option) {
    close = close || base::equal_ignoring_case(option, "close");
    keep_alive = keep_alive || base::equal_ignoring_case(option, "keep-alive");
  });
  return !close && (minor_version >= 1 || keep_alive);
}

}  // namespace

base::Result<StatusLine> parse_status_line(std::string_view line) {
  constexpr std::size_t k_status_at = k_http1_prefix.size() + 2;
  constexpr std::size_t k_status_end = k_status_at + 3;
  const char minor = line.size() > k_http1_prefix.size() ? line[k_http1_prefix.size()] : '\0';
  if (!line.starts_with(k_http1_prefix) || (minor != '0' && minor != '1')) {
    return base::fail("the answer is not HTTP/1.1 or HTTP/1.0");
  }
  const bool has_status =
      line.size() >= k_status_end && line[k_status_at - 1] == ' ' && line[k_status_at] != '0' &&
      std::all_of(line.begin() + k_status_at, line.begin() + k_status_end, base::is_digit) &&
      (line.size() == k_status_end || line[k_status_end] == ' ');
  if (!has_status) {
    return base::fail("the status line has no status of three digits");
  }
  if (has_control(line.substr(k_status_end))) {
    return base::fail("a control character in the status line");
  }
  const auto status = parse_number(line.substr(k_status_at, 3), 10);
  return StatusLine{.minor_version = minor - '0', .status = static_cast<int>(status.value_or(0))};
}

base::Result<std::pair<std::string, std::string>> parse_field_line(std::string_view line) {
  if (line.find_first_of(k_blanks) == 0) {
    return base::fail("a header that is folded over lines");
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return base::fail("a header line without a colon");
  }
  const std::string_view name = line.substr(0, colon);
  if (name.empty() || name.find_first_of(k_blanks) != std::string_view::npos) {
    return base::fail("a header whose name is empty or holds a blank");
  }
  if (has_control(line)) {
    return base::fail("a control character in a header");
  }
  return std::pair(base::to_lower(name), std::string(base::trimmed(line.substr(colon + 1))));
}

base::Result<ChunkLine> parse_chunk_line(std::string_view line) {
  const std::size_t digits =
      std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
  const auto size = parse_number(line.substr(0, digits), 16);
  if (!size || digits > k_max_chunk_digits) {
    return base::fail("a chunk without a size of 1 to 16 hexadecimal digits");
  }
  const std::string_view extensions = line.substr(digits);
  const std::string_view rest = base::trimmed(extensions);
  if (!rest.empty() && (rest.front() != ';' || has_control(rest))) {
    return base::fail("a chunk size followed by what is no extension");
  }
  if (extensions.size() > k_max_chunk_extension_bytes) {
    return base::fail("a chunk with extensions of more than 256 bytes");
  }
  return ChunkLine{.size = *size, .extension_bytes = extensions.size()};
}

base::Result<Framing> framing_of(int minor_version, const ResponseHead& head) {
  const auto chunked = is_chunked(head);
  if (!chunked) {
    return tl::make_unexpected(chunked.error());
  }
  const auto length = content_length(head);
  if (!length) {
    return tl::make_unexpected(length.error());
  }
  constexpr int k_no_content = 204;
  constexpr int k_not_modified = 304;
  const bool persistent = is_persistent(minor_version, head);
  if (head.status == k_no_content || head.status == k_not_modified) {
    // A 204 that announces a body may send one: the next answer would begin with it.
    const bool doubtful = head.status == k_no_content && (*chunked || length->value_or(0) > 0);
    return Framing{.chunked = false, .length = 0, .reusable = persistent && !doubtful};
  }
  if (*chunked) {
    // RFC 9112 §6.1: a server that sends both, or chunks in HTTP/1.0, may not frame them correctly.
    const bool faulty = length->has_value() || minor_version == 0;
    return Framing{.chunked = true, .length = std::nullopt, .reusable = persistent && !faulty};
  }
  return Framing{
      .chunked = false, .length = *length, .reusable = persistent && length->has_value()};
}

}  // namespace inferometer::transport::http
