#pragma once

#include "fuzz/input.hpp"
#include "protocol/framing/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::fuzz {

/// The frames that `bytes` hold for a framing with a small limit, fed in pieces of that size.
template <typename Framing>
std::vector<std::string> frames(std::string_view bytes, std::size_t piece) {
  constexpr std::size_t k_limit = 256;
  std::vector<std::string> all;
  const auto emit = [&all](const protocol::Frame& frame) {
    require(frame.data.size() <= k_limit);
    all.push_back(std::string(frame.type) + '|' + std::string(frame.data));
  };
  Framing framing(k_limit);
  bool good = true;
  for (std::size_t at = 0; at < bytes.size() && good; at += piece) {
    good = framing.feed(bytes.substr(at, piece), emit);
  }
  if (good) {
    good = framing.finish(emit);
  }
  all.emplace_back(good ? "whole" : "too long");
  return all;
}

/// The first byte of the input says how the others are cut.
template <typename Framing>
void check_framing(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::size_t piece = input.byte() % 16U + 1;
  require(frames<Framing>(input.rest(), size + 1) == frames<Framing>(input.rest(), piece));
}

}  // namespace inferometer::fuzz
