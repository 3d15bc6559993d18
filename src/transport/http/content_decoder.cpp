#include "transport/http/content_decoder.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace inferometer::transport::http {
namespace {

/// The table of codings (RFC 9110 §8.4.1, RFC 7932, RFC 8878).
struct Coding {
  std::string_view name;
  std::unique_ptr<Unpacker> (*make)();
};

constexpr std::array k_codings{
    Coding{"gzip", make_gzip_unpacker},       Coding{"x-gzip", make_gzip_unpacker},
    Coding{"deflate", make_deflate_unpacker}, Coding{"br", make_brotli_unpacker},
    Coding{"zstd", make_zstd_unpacker},
};

const Coding* find_coding(std::string_view name) {
  const auto* const found = std::find_if(
      k_codings.begin(), k_codings.end(),
      [name](const Coding& coding) { return base::equal_ignoring_case(coding.name, name); });
  return found == k_codings.end() ? nullptr : found;
}

}  // namespace

base::Result<std::unique_ptr<ContentDecoder>> ContentDecoder::make(std::string_view encoding) {
  std::vector<Stage> stages;
  for (const std::string_view element : base::split(encoding, ',')) {
    const std::string_view name = base::trimmed(element);
    if (name.empty() || base::equal_ignoring_case(name, "identity")) {
      continue;
    }
    const Coding* const coding = find_coding(name);
    if (coding == nullptr) {
      constexpr std::size_t k_shown = 40;  // bytes of what a server may have made up
      return base::fail("unknown Content-Encoding " + std::string(name.substr(0, k_shown)));
    }
    if (stages.size() == k_max_codings) {
      return base::fail("Content-Encoding names more than three codings");
    }
    stages.push_back({.coding = std::string(coding->name), .unpacker = coding->make()});
    if (!stages.back().unpacker) {
      return base::fail("no memory to unpack " + stages.back().coding);
    }
  }
  if (stages.empty()) {
    return nullptr;
  }
  std::reverse(stages.begin(), stages.end());
  return std::unique_ptr<ContentDecoder>(new ContentDecoder(std::move(stages)));
}

base::Result<void> ContentDecoder::feed(std::string_view packed, const Emit& emit) {
  m_call_bytes = 0;
  return run(0, packed, emit);
}

/// Feeds `packed` to that stage and what it gives to the next one; behind the last is `emit`.
base::Result<void> ContentDecoder::run(std::size_t stage, std::string_view packed,
                                       const Emit& emit) {
  if (packed.empty()) {
    return {};
  }
  if (stage == m_stages.size()) {
    emit(packed);
    return {};
  }
  constexpr std::size_t k_piece_bytes = 16UL * 1024;
  std::array<char, k_piece_bytes>
      piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): a buffer
  m_stages[stage].begun = true;
  while (true) {
    const std::size_t before = packed.size();
    const auto size = m_stages[stage].unpacker->unpack(packed, piece);
    if (!size) {
      return tl::make_unexpected(size.error());
    }
    auto passed_on = count(*size).and_then(
        [&] { return run(stage + 1, std::string_view(piece.data(), *size), emit); });
    if (!passed_on) {
      return passed_on;
    }
    if (packed.empty() && *size < piece.size()) {
      return {};
    }
    if (packed.size() == before && *size == 0) {
      return base::fail("the " + m_stages[stage].coding + " data cannot be unpacked");
    }
  }
}

base::Result<void> ContentDecoder::count(std::size_t bytes) {
  m_call_bytes += bytes;
  m_total_bytes += bytes;
  if (m_total_bytes > k_max_total_bytes) {
    return base::fail("the body unpacks to more than 64 MiB");
  }
  if (m_call_bytes > k_max_call_bytes) {
    return base::fail("the body unpacks to more than 4 MiB at once");
  }
  return {};
}

base::Result<void> ContentDecoder::finish() const {
  for (const Stage& stage : m_stages) {
    if (stage.begun && !stage.unpacker->ended()) {
      return base::fail("the body ends in the middle of its " + stage.coding + " data");
    }
  }
  return {};
}

}  // namespace inferometer::transport::http
