#include "transport/http/content_decoder.hpp"

#include "protocol/cuts.hpp"
#include "transport/http/packing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace inferometer::transport::http;
using namespace std::string_literals;

namespace {

constexpr std::array k_codings{"gzip", "deflate", "br", "zstd"};
const std::string k_text =
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\ndata: [DONE]\n\n";

struct Unpacked {
  std::string text;
  std::string problem;

  bool operator==(const Unpacked&) const = default;
};

/// What comes of the pieces and of the end behind them.
Unpacked unpack(std::string_view encoding, const std::vector<std::string_view>& pieces) {
  auto decoder = ContentDecoder::make(encoding);
  REQUIRE(decoder.has_value());
  REQUIRE(*decoder);
  Unpacked unpacked;
  for (const std::string_view piece : pieces) {
    const auto fed = (*decoder)->feed(piece, [&unpacked](std::string_view text) {
      CHECK_FALSE(text.empty());
      unpacked.text.append(text);
    });
    if (!fed) {
      unpacked.problem = fed.error().message;
      return unpacked;
    }
  }
  if (const auto finished = (*decoder)->finish(); !finished) {
    unpacked.problem = finished.error().message;
  }
  return unpacked;
}

/// The same, which must not depend on how the bytes are cut; but how much comes before an error
/// may.
Unpacked unpack_however_cut(std::string_view encoding, std::string_view packed) {
  const Unpacked whole = unpack(encoding, {packed});
  for (const auto& pieces : inferometer::protocol::cuts(packed)) {
    CAPTURE(pieces.front().size());
    const Unpacked cut = unpack(encoding, pieces);
    CHECK(cut.problem.empty() == whole.problem.empty());
    if (whole.problem.empty()) {
      CHECK(cut.text == whole.text);
    }
  }
  return whole;
}

void check_unpacks(std::string_view encoding, std::string_view packed, const std::string& text) {
  CAPTURE(encoding);
  const Unpacked unpacked = unpack_however_cut(encoding, packed);
  CHECK(unpacked.problem.empty());
  CHECK(unpacked.text == text);
}

/// Unpacked in pieces as a socket gives them.
Unpacked unpack_long(std::string_view encoding, std::string_view packed, std::size_t piece) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < packed.size(); at += piece) {
    pieces.push_back(packed.substr(at, piece));
  }
  return unpack(encoding, pieces);
}

/// Text that does not pack to nothing, and the same each time.
std::string make_noise(std::size_t size) {
  std::string noise;
  std::uint32_t state = 1;
  while (noise.size() < size) {
    state = state * 1664525U + 1013904223U;
    noise.push_back(static_cast<char>('a' + (state >> 24U) % 16U));
  }
  return noise;
}

std::string problem_of(std::string_view encoding) {
  const auto decoder = ContentDecoder::make(encoding);
  return decoder ? "" : decoder.error().message;
}

bool is_null(std::string_view encoding) {
  const auto decoder = ContentDecoder::make(encoding);
  return decoder && !*decoder;
}

}  // namespace

TEST_CASE("content decoder: each coding gives the text back, however it is cut") {
  for (const std::string_view coding : k_codings) {
    check_unpacks(coding, pack(coding, k_text), k_text);
    check_unpacks(coding, pack(coding, ""), "");
  }
  check_unpacks("deflate", joined(pack_raw_deflate({k_text})), k_text);
  check_unpacks("x-gzip", pack("gzip", k_text), k_text);
  check_unpacks(" GZip ", pack("gzip", k_text), k_text);
}

TEST_CASE("content decoder: a long text comes whole") {
  const std::string text = make_noise(3UL * 1024 * 1024);
  for (const std::string_view coding : k_codings) {
    CAPTURE(coding);
    const std::string packed = pack(coding, text);
    for (const std::size_t piece : {1000UL, 16384UL, packed.size()}) {
      const Unpacked unpacked = unpack_long(coding, packed, piece);
      CHECK(unpacked.problem == "");
      CHECK(unpacked.text == text);
    }
  }
}

TEST_CASE("content decoder: what is flushed comes out at once") {
  const Pieces texts{"data: one\n\n", "data: two\n\n", make_noise(100000), "data: three\n\n"};
  const auto check = [&texts](std::string_view encoding, const Pieces& packed) {
    CAPTURE(encoding);
    auto decoder = ContentDecoder::make(encoding).value();
    REQUIRE(packed.size() == texts.size() + 1);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::string text;
      const auto emit = [&text](std::string_view piece) { text.append(piece); };
      CHECK(decoder->feed(packed[i], emit).has_value());
      CHECK(text == texts[i]);
      CHECK_FALSE(decoder->finish().has_value());
    }
    CHECK(decoder->feed(packed.back(), [](std::string_view) { FAIL("text at the end"); }));
    CHECK(decoder->finish().has_value());
  };
  check("gzip", pack_gzip(texts));
  check("deflate", pack_zlib(texts));
  check("deflate", pack_raw_deflate(texts));
  check("br", pack_brotli(texts));
  check("zstd", pack_zstd(texts));
  Pieces nested = pack_gzip(pack_brotli(texts));
  nested[texts.size()] += nested.back();  // both ends in one piece
  nested.pop_back();
  check("br, gzip", nested);
}

TEST_CASE("content decoder: codings are undone in the reverse order of their list") {
  check_unpacks("gzip, br", pack("br", pack("gzip", k_text)), k_text);
  check_unpacks("br,,identity , gzip,", pack("gzip", pack("br", k_text)), k_text);
  check_unpacks("zstd, deflate, gzip", pack("gzip", pack("deflate", pack("zstd", k_text))), k_text);
  CHECK_FALSE(unpack("br, gzip", {pack("br", pack("gzip", k_text))}).problem.empty());
}

TEST_CASE("content decoder: members of gzip and frames of zstd follow one another") {
  const std::string half = k_text.substr(0, 20);
  for (const std::string_view coding : {"gzip", "zstd"}) {
    check_unpacks(coding, pack(coding, half) + pack(coding, "") + pack(coding, k_text),
                  half + k_text);
  }
  const std::string skipped("\x5A\x2A\x4D\x18\x03\x00\x00\x00xyz", 11);
  check_unpacks("zstd", skipped + pack("zstd", k_text) + skipped, k_text);
}

TEST_CASE("content decoder: what follows the end is an error") {
  for (const std::string_view coding : k_codings) {
    CAPTURE(coding);
    for (const std::string& garbage : {"x"s, "\0"s, "\r\n"s, "data: x\n\n"s, "\x1F\x8B"s}) {
      const Unpacked unpacked = unpack_however_cut(coding, pack(coding, k_text) + garbage);
      CHECK_FALSE(unpacked.problem.empty());
      CHECK(unpacked.text == k_text);
    }
  }
  for (const std::string_view coding : {"br", "deflate"}) {
    CHECK_FALSE(unpack(coding, {pack(coding, k_text) + pack(coding, k_text)}).problem.empty());
  }
  CHECK_FALSE(unpack("deflate", {joined(pack_raw_deflate({k_text})) + "x"}).problem.empty());
}

TEST_CASE("content decoder: data that end too early are an error, and what came is given") {
  for (const std::string_view coding : k_codings) {
    CAPTURE(coding);
    const std::string packed = pack(coding, k_text);
    for (std::size_t size = 1; size < packed.size(); ++size) {
      const Unpacked unpacked = unpack(coding, {std::string_view(packed).substr(0, size)});
      CHECK(unpacked.problem ==
            "the body ends in the middle of its " + std::string(coding) + " data");
      CHECK(k_text.starts_with(unpacked.text));
    }
  }
  const std::string nested = pack("gzip", pack("br", k_text).substr(0, 20));
  CHECK(unpack("br, gzip", {nested}).problem == "the body ends in the middle of its br data");
}

TEST_CASE("content decoder: a body of no bytes is good under any coding") {
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd", "br, gzip"}) {
    CHECK(unpack(coding, {}) == Unpacked());
    CHECK(unpack(coding, {""}) == Unpacked());
  }
}

TEST_CASE("content decoder: a body that is not packed at all is an error") {
  for (const std::string_view coding : k_codings) {
    for (const std::string& text : {k_text, "{\"error\":{\"message\":\"no\"}}"s, "<html></html>"s,
                                    ": ping\n\n"s, "\n\n"s, std::string(1000, '\0')}) {
      CAPTURE(coding);
      CAPTURE(text);
      const Unpacked unpacked = unpack_however_cut(coding, text);
      CHECK_FALSE(unpacked.problem.empty());
    }
  }
}

TEST_CASE("content decoder: a first frame that went out unpacked is an error") {
  const std::string prefix = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
  for (const std::string_view coding : k_codings) {
    CAPTURE(coding);
    const Unpacked unpacked = unpack_however_cut(coding, prefix + pack(coding, k_text));
    CHECK_FALSE(unpacked.problem.empty());
    CHECK(unpacked.text.find("Hello") == std::string::npos);
  }
}

TEST_CASE("content decoder: a byte that was changed never gives another text unseen") {
  for (const std::string_view coding : {"gzip", "deflate", "zstd"}) {  // br has no checksum
    CAPTURE(coding);
    const std::string packed = pack(coding, k_text);
    for (std::size_t at = 0; at < packed.size(); ++at) {
      CAPTURE(at);
      std::string changed = packed;
      changed[at] = static_cast<char>(changed[at] ^ 0x10);
      const Unpacked unpacked = unpack(coding, {changed});
      CHECK((!unpacked.problem.empty() || unpacked.text == k_text));
    }
  }
}

TEST_CASE("content decoder: one call unpacks so much and no more") {
  constexpr std::size_t k_max = ContentDecoder::k_max_call_bytes;
  for (const std::string_view coding : k_codings) {
    CAPTURE(coding);
    CHECK(unpack(coding, {pack(coding, std::string(k_max, '\0'))}).problem.empty());
    const Unpacked bomb = unpack(coding, {pack(coding, std::string(10 * k_max, '\0'))});
    CHECK(bomb.problem == "the body unpacks to more than 4 MiB at once");
    CHECK(bomb.text.size() <= k_max);
  }
}

TEST_CASE("content decoder: a body unpacks to so much and no more") {
  constexpr std::size_t k_piece = 1024UL * 1024;
  constexpr std::size_t k_pieces = ContentDecoder::k_max_total_bytes / k_piece;
  const auto check = [](std::string_view coding, auto pack_texts) {
    CAPTURE(coding);
    Pieces texts(k_pieces, std::string(k_piece, 'x'));
    const Pieces full = pack_texts(texts);
    const Unpacked unpacked = unpack(coding, {full.begin(), full.end()});
    CHECK(unpacked.problem == "");
    CHECK(unpacked.text.size() == ContentDecoder::k_max_total_bytes);
    texts.emplace_back("x");
    const Pieces beyond = pack_texts(texts);
    CHECK(unpack(coding, {beyond.begin(), beyond.end()}).problem ==
          "the body unpacks to more than 64 MiB");
  };
  check("gzip", [](const Pieces& texts) { return pack_gzip(texts); });
  check("zstd", [](const Pieces& texts) { return pack_zstd(texts); });
}

TEST_CASE("content decoder: a bomb within a bomb is bounded as one is") {
  const std::string zeros(3 * ContentDecoder::k_max_call_bytes, '\0');
  for (const std::string_view outer : k_codings) {
    for (const std::string_view inner : k_codings) {
      const std::string list = std::string(inner) + ", " + std::string(outer);
      CAPTURE(list);
      const Unpacked bomb = unpack(list, {pack(outer, pack(inner, zeros))});
      CHECK(bomb.problem.starts_with("the body unpacks to more than"));
      CHECK(bomb.text.size() <= ContentDecoder::k_max_call_bytes);
    }
  }
  // What is dropped on the way counts too: members without any text.
  const std::string member = pack("gzip", "");
  std::string members;
  while (members.size() <= ContentDecoder::k_max_call_bytes) {
    members += member;
  }
  CHECK(unpack("gzip, gzip", {pack("gzip", members)}).problem ==
        "the body unpacks to more than 4 MiB at once");
}

TEST_CASE("content decoder: a window that needs too much memory is an error") {
  const std::string text = make_noise(100000);
  CHECK(unpack_long("zstd", joined(pack_zstd({text}, 23)), 16384).text == text);
  CHECK(unpack_long("zstd", joined(pack_zstd({text}, 24)), 16384)
            .problem.starts_with("invalid zstd"));
  // br announces a window of 16 MiB, but takes so much only for a text that fills it.
  CHECK(unpack_long("br", joined(pack_brotli({text}, 24)), 16384).text == text);
  CHECK(
      unpack_long("br", joined(pack_brotli({text}, 25)), 16384).problem.starts_with("invalid br"));
  const std::string long_text = make_noise(17UL * 1024 * 1024);
  CHECK(unpack_long("br", joined(pack_brotli({long_text}, 23)), 16384).text == long_text);
  CHECK(unpack_long("br", joined(pack_brotli({long_text}, 24)), 16384)
            .problem.starts_with("invalid br"));
}

TEST_CASE("content decoder: formats of zstd from before its standard are an error") {
  for (const char version : {'\x22', '\x23', '\x24', '\x25', '\x26', '\x27', '\x1E', '\xFD'}) {
    const std::string frame = version + "\xB5\x2F\xFD\x20\x10\x00\x00\x00\x00"s;
    CHECK(unpack_however_cut("zstd", frame).problem.starts_with("invalid zstd data: no frame"));
  }
}

TEST_CASE("content decoder: a preset dictionary is an error") {
  CHECK(unpack("deflate", {"\x78\xBB\x00\x00\x00\x01\x00\x00"s})
            .problem.starts_with("invalid deflate"));
}

TEST_CASE("content decoder: no coding needs no decoder") {
  for (const std::string_view encoding : {"", " ", "identity", "Identity, identity", ",,"}) {
    CAPTURE(encoding);
    CHECK(is_null(encoding));
  }
}

TEST_CASE("content decoder: an unknown or too long list is an error") {
  for (const std::string_view encoding :
       {"nonsense", "compress", "gzip;q=1", "gzip br", "br, nonsense", "gzipp", "dcb", "*"}) {
    CAPTURE(encoding);
    CHECK(problem_of(encoding).starts_with("unknown Content-Encoding "));
  }
  CHECK(problem_of(std::string(100000, 'x')).size() < 100);
  CHECK(problem_of("gzip, gzip, identity, gzip").empty());
  CHECK(problem_of("gzip, gzip, gzip, gzip") == "Content-Encoding names more than three codings");
}
