#include "fuzz/input.hpp"
#include "transport/http/http1_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

// Any bytes of a server, cut anywhere, are the same responses; no body holds more than came. The
// first byte says how the others are cut, and whether the connection ends behind them.

namespace {

using namespace inferometer;
using namespace inferometer::transport::http;

struct Response {
  Progress progress = Progress::reading;
  int status = 0;
  std::size_t heads = 0;
  std::string headers;
  std::string body;
  std::string version;
  std::string problem;
  bool begun = false;
  bool reusable = false;

  bool operator==(const Response&) const = default;
};

class Recorder : public ResponseSink {
 public:
  explicit Recorder(Response& response) : m_response(response) {}

  void fed(std::string_view bytes) { m_fed = bytes; }

  void on_head(ResponseHead head) override {
    ++m_response.heads;
    m_response.status = head.status;
    fuzz::require(m_response.heads == 1 && head.status >= 200 && head.status <= 999);
    fuzz::require(head.headers.size() <= Http1Parser::k_max_header_lines);
    for (const auto& [name, value] : head.headers) {
      fuzz::require(!name.empty() && (name + value).find_first_of("\r\n") == std::string::npos);
      m_response.headers.append(name).append(": ").append(value).append("\n");
    }
  }
  void on_body(std::string_view piece) override {
    fuzz::require(m_response.heads == 1 && !piece.empty());
    fuzz::require(std::less_equal<>()(m_fed.data(), piece.data()) &&
                  std::less_equal<>()(piece.data() + piece.size(), m_fed.data() + m_fed.size()));
    m_response.body.append(piece);
  }

 private:
  Response& m_response;
  std::string_view m_fed;
};

/// The next response on the connection, whose bytes are taken off `rest`.
Response read(Http1Parser& parser, std::string_view& rest, std::size_t piece, bool ends) {
  Response response;
  Recorder recorder(response);
  parser.begin();
  while (!rest.empty() && parser.progress() == Progress::reading) {
    const std::string_view bytes = rest.substr(0, piece);
    recorder.fed(bytes);
    const std::size_t taken = parser.feed(bytes, recorder);
    fuzz::require(taken == bytes.size() ||
                  (taken < bytes.size() && parser.progress() != Progress::reading));
    rest.remove_prefix(taken);
  }
  if (ends) {
    parser.finish();
    fuzz::require(parser.progress() != Progress::reading);
  }
  response.progress = parser.progress();
  response.version = parser.version();
  response.problem = parser.problem();
  response.begun = parser.begun();
  response.reusable = response.progress == Progress::complete && parser.reusable();
  fuzz::require(response.problem.empty() == (response.progress != Progress::broken));
  fuzz::require(response.progress != Progress::complete || response.heads == 1);
  return response;
}

void check_same(std::string_view bytes, std::size_t piece, bool ends) {
  Http1Parser whole_parser;
  Http1Parser cut_parser;
  std::string_view whole_rest = bytes;
  std::string_view cut_rest = bytes;
  constexpr int k_most_responses = 8;
  for (int i = 0; i < k_most_responses; ++i) {
    const Response whole = read(whole_parser, whole_rest, bytes.size() + 1, ends);
    const Response cut = read(cut_parser, cut_rest, piece, ends);
    fuzz::require(whole == cut);
    if (!whole.reusable) {
      break;
    }
    fuzz::require(whole_rest.size() == cut_rest.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  check_same(input.rest(), choice / 2U % 32U + 1, choice % 2U == 0);
  return 0;
}
