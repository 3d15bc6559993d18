#include "sim/http/chunked_body.hpp"

#include "sim/http/message.hpp"

#include <utility>

namespace inferometer::sim {
namespace {

/// Promises 256 bytes and holds 7.
constexpr std::string_view k_cut_chunk = "100\r\ndata: {";

}  // namespace

ChunkedBody::ChunkedBody(std::string head, const Generation& generation)
    : m_head(std::move(head)), m_bytewise(generation.writes().bytewise) {
  if (generation.compressed()) {
    m_gzip.emplace();
  }
}

void ChunkedBody::write(std::string_view bytes, Generation::Next next, std::string& scratch,
                        const Send& send) {
  using Next = Generation::Next;
  std::string compressed;
  if (m_gzip) {
    compressed = bytes.empty() ? "" : m_gzip->add(bytes);
    if (next == Next::end) {
      compressed.append(m_gzip->finish());
    }
    bytes = compressed;
  }
  scratch.assign(std::exchange(m_head, {}));
  if (m_bytewise && next != Next::now) {
    for (const char& byte : bytes) {
      http::append_chunk(scratch, {&byte, 1});
      send(scratch);
      scratch.clear();
    }
  } else if (!bytes.empty()) {
    http::append_chunk(scratch, bytes);
  }
  if (next == Next::end) {
    scratch.append(http::k_last_chunk);
  } else if (next == Next::cut) {
    scratch.append(k_cut_chunk);
  }
  send(scratch);
}

}  // namespace inferometer::sim
