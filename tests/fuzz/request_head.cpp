#include "fuzz/input.hpp"
#include "http/codec.hpp"
#include "http/head.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>

// Any head is refused, or taken apart into views of it; and whatever it is, there is one reply,
// with a body that is no larger than what the handler gave.

namespace {

constexpr std::size_t k_body_bytes = 1000;

bool is_within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (std::less_equal<>()(whole.data(), part.data()) &&
          std::less_equal<>()(part.data() + part.size(), whole.data() + whole.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inferometer;
  using namespace inferometer::http;
  const std::string_view bytes = fuzz::Input(data, size).rest();
  const auto head = read_head(bytes);
  if (head) {
    fuzz::require(head->path == path_of(bytes));
    fuzz::require(head->path.starts_with('/') || head->path == "*");
    fuzz::require(is_within(head->query, bytes) && is_within(head->host, bytes));
    for (const Head::Line& line : head->lines) {
      fuzz::require(!line.name.empty() && is_within(line.name, bytes) &&
                    is_within(line.value, bytes));
    }
  }
  static const Responder k_respond = make_responder([](const Request&) {
    Response response;
    response.body.assign(k_body_bytes, 'x');
    return response;
  });
  const Reply reply = k_respond(bytes, std::stop_token());
  fuzz::require(reply.head.starts_with(k_reply_begin));
  fuzz::require(head || reply.head.starts_with("HTTP/1.1 400 ") ||
                reply.head.starts_with("HTTP/1.1 414 "));
  fuzz::require(!reply.keep_alive || !head->has_body);
  fuzz::require(reply.body == nullptr || reply.body->size() <= k_body_bytes);
  return 0;
}
