#include "wire/aws_event_stream.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

using namespace inferometer::wire;
using namespace std::string_literals;

namespace {

using Texts = std::vector<std::string>;
using Headers = std::vector<EventStreamHeader>;

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// Recorded from Amazon Nova.
const std::string k_message_start = from_hex(
    "0000008f00000052d3f1c8f20b3a6576656e742d7479706507000c6d65737361676553746172740d3a636f6e74656e"
    "742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e74"
    "7b2270223a226162636465666768696a6b6c6d6e6f707172222c22726f6c65223a22617373697374616e74227dc16b"
    "710b");
// Computed.
const std::string k_delta = from_hex(
    "0000009400000057b4ab9aee0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a63"
    "6f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070005"
    "6576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a224869"
    "227d7d1f944657");

const std::string k_delta_payload = R"({"contentBlockIndex":0,"delta":{"text":"Hi"}})";
const Headers k_delta_headers{{":event-type", "contentBlockDelta"},
                              {":content-type", "application/json"},
                              {":message-type", "event"}};

const Texts k_both{R"(messageStart event {"p":"abcdefghijklmnopqr","role":"assistant"})",
                   "contentBlockDelta event " + k_delta_payload};

/// The messages as texts, and last the problem if there was one.
Texts parse(const std::vector<std::string_view>& pieces) {
  Texts messages;
  EventStreamParser parser;
  for (const std::string_view piece : pieces) {
    const bool good = parser.feed(piece, [&](const EventStreamMessage& message) {
      messages.push_back(std::string(message.header(":event-type").value_or("-")) + ' ' +
                         std::string(message.header(":message-type").value_or("-")) + ' ' +
                         std::string(message.payload()));
    });
    CHECK(good == parser.problem().empty());
  }
  if (!parser.problem().empty()) {
    messages.emplace_back(parser.problem());
  }
  return messages;
}

std::string big_endian(std::size_t value, unsigned size) {
  std::string bytes;
  for (unsigned i = size; i-- > 0;) {
    bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
  }
  return bytes;
}

std::string checksum(std::string_view bytes) {
  return big_endian(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())), 4);
}

/// With right checksums, whatever else is wrong.
std::string prelude(std::size_t total, std::size_t headers) {
  const std::string lengths = big_endian(total, 4) + big_endian(headers, 4);
  return lengths + checksum(lengths);
}

std::string message_with(const std::string& headers) {
  const std::string bytes = prelude(16 + headers.size() + 2, headers.size()) + headers + "{}";
  return bytes + checksum(bytes);
}

const std::string k_malformed = "the headers of an event-stream message are malformed";

}  // namespace

TEST_CASE("event stream: a message is encoded as AWS does") {
  CHECK(encode_event_stream_message(k_delta_headers, k_delta_payload) == k_delta);
}

TEST_CASE("event stream: messages are read however they are cut") {
  const std::string stream = k_message_start + k_delta;
  CHECK(parse({stream}) == k_both);
  std::vector<std::string_view> single_bytes;
  for (std::size_t at = 0; at < stream.size(); ++at) {
    const std::string_view view = stream;
    CAPTURE(at);
    CHECK(parse({view.substr(0, at), view.substr(at)}) == k_both);
    single_bytes.push_back(view.substr(at, 1));
  }
  CHECK(parse(single_bytes) == k_both);
}

TEST_CASE("event stream: a message without headers and payload is one") {
  const std::string bytes = encode_event_stream_message({}, "");
  CHECK(bytes.size() == 16);
  CHECK(parse({bytes + bytes}) == Texts{"- - ", "- - "});
}

TEST_CASE("event stream: a flipped bit anywhere is seen") {
  for (std::size_t bit = 0; bit < 8 * k_delta.size(); ++bit) {
    std::string bytes = k_delta;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    const Texts messages = parse({bytes});
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].find("checksum") != std::string::npos);
  }
}

TEST_CASE("event stream: what follows a broken message is not read") {
  std::string broken = k_delta;
  broken[20] = 'X';
  CHECK(parse({k_message_start + broken + k_delta, k_delta}) ==
        Texts{k_both[0], "the checksum of an event-stream message is wrong"});
}

TEST_CASE("event stream: lengths that cannot be are refused as soon as they are read") {
  const std::string contradiction = "the lengths of an event-stream message contradict each other";
  const std::string too_long =
      "an event-stream message of more than 128 KiB of headers or 4 MiB of payload";
  CHECK(parse({prelude(0, 0)}) == Texts{contradiction});
  CHECK(parse({prelude(15, 0)}) == Texts{contradiction});
  CHECK(parse({prelude(100, 85)}) == Texts{contradiction});
  CHECK(parse({prelude(100, 0xffffffff)}) == Texts{contradiction});
  CHECK(parse({prelude(0xffffffff, 0)}) == Texts{too_long});
  CHECK(parse({prelude(16 + k_max_event_stream_payload + 1, 0)}) == Texts{too_long});
  CHECK(parse({prelude(17 + k_max_event_stream_headers, k_max_event_stream_headers + 1)}) ==
        Texts{too_long});
  CHECK(parse({prelude(16 + k_max_event_stream_payload, 0)}) == Texts{});
  CHECK(parse({"HTTP/1.1 502 Bad Gateway"}) ==
        Texts{"the checksum of an event-stream message's lengths is wrong"});
}

TEST_CASE("event stream: the longest payload is taken in many pieces") {
  const std::string payload(k_max_event_stream_payload, 'x');
  const std::string bytes = encode_event_stream_message({}, payload);
  std::vector<std::string_view> pieces;
  constexpr std::size_t k_piece = 60'000;
  for (std::string_view rest = bytes; !rest.empty();
       rest.remove_prefix(std::min(k_piece, rest.size()))) {
    pieces.push_back(rest.substr(0, k_piece));
  }
  CHECK((parse(pieces) == Texts{"- - " + payload}));
  CHECK_THROWS_AS((void)encode_event_stream_message({}, payload + "x"), std::invalid_argument);
}

TEST_CASE("event stream: headers of every other type are skipped") {
  const std::string skipped = "\x01t\x00"s + "\x01"s + "f\x01"s + "\x01"s + "b\x02."s + "\x01"s +
                              "s\x03.."s + "\x01"s + "i\x04...."s + "\x01"s + "l\x05........"s +
                              "\x01"s + "y\x06\x00\x03..."s + "\x01"s + "m\x08........"s + "\x01"s +
                              "u\x09................"s;
  CHECK(parse({message_with(skipped + "\x0d:message-type\x07\x00\x05"s + "event")}) ==
        Texts{"- event {}"});
}

TEST_CASE("event stream: a header that is no string has no text") {
  CHECK(parse({message_with("\x0d:message-type\x06\x00\x05"s + "event")}) == Texts{"- - {}"});
  CHECK(parse({message_with("\x0b:event-type\x07\x00\x00"s)}) == Texts{" - {}"});
}

TEST_CASE("event stream: headers that do not add up are refused") {
  const std::string good = "\x01"s + "a\x07\x00\x02xy"s;
  CHECK(parse({message_with(good)}) == Texts{"- - {}"});
  for (std::size_t size = 1; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK(parse({message_with(good.substr(0, size))}) == Texts{k_malformed});
  }
  CHECK(parse({message_with("\x01"s + "a\x0a"s)}) == Texts{k_malformed});
  CHECK(parse({message_with("\x01"s + "a\xff"s)}) == Texts{k_malformed});
  CHECK(parse({message_with("\x01"s + "a\x05......."s)}) == Texts{k_malformed});
  CHECK(parse({message_with("\xff"s + "a\x00"s)}) == Texts{k_malformed});
}

TEST_CASE("event stream: the parser knows whether it ended inside a message") {
  const auto ignore = [](const EventStreamMessage&) {};
  for (std::size_t size = 0; size <= k_delta.size(); ++size) {
    EventStreamParser parser;
    CHECK(parser.feed(std::string_view(k_delta).substr(0, size), ignore));
    CAPTURE(size);
    CHECK(parser.inside_message() == (size > 0 && size < k_delta.size()));
  }
}

TEST_CASE("event stream: headers that cannot be encoded are refused") {
  const auto encode = [](std::string_view name, std::string_view value) {
    return encode_event_stream_message(Headers{{name, value}}, "");
  };
  CHECK_NOTHROW((void)encode(std::string(255, 'n'), std::string(65535, 'v')));
  CHECK_THROWS_AS((void)encode("", "v"), std::invalid_argument);
  CHECK_THROWS_AS((void)encode(std::string(256, 'n'), "v"), std::invalid_argument);
  CHECK_THROWS_AS((void)encode("n", std::string(65536, 'v')), std::invalid_argument);
  const std::string longest(65535, 'v');
  CHECK_THROWS_AS((void)encode_event_stream_message(
                      Headers{{"a", longest}, {"b", longest}, {"c", longest}}, ""),
                  std::invalid_argument);
}
