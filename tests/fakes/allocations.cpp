#include "fakes/allocations.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t k_big = 1U << 20U;

std::atomic<std::size_t> calls{0};
std::atomic<std::size_t> bytes{0};
std::atomic<std::size_t> big_bytes{0};
std::atomic<std::size_t> peak{0};

void count_in(void* block) {
  const std::size_t size = ::malloc_usable_size(block);
  ++calls;
  bytes += size;
  const std::size_t total = big_bytes += size >= k_big ? size : 0;
  for (std::size_t seen = peak; seen < total && !peak.compare_exchange_weak(seen, total);) {
  }
}

void count_out(void* block) {
  const std::size_t size = ::malloc_usable_size(block);
  bytes -= size;
  big_bytes -= size >= k_big ? size : 0;
}

}  // namespace

// All forms but the aligned ones.
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  void* const block = std::malloc(size > 0 ? size : 1);
  count_in(block);
  return block;
}

void* operator new(std::size_t size) {
  void* const block = operator new(size, std::nothrow);
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}

void* operator new[](std::size_t size) {
  return operator new(size);
}

void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}

void operator delete(void* block) noexcept {
  count_out(block);
  std::free(block);
}

void operator delete(void* block, std::size_t /*size*/) noexcept {
  operator delete(block);
}

void operator delete[](void* block) noexcept {
  operator delete(block);
}

void operator delete[](void* block, std::size_t /*size*/) noexcept {
  operator delete(block);
}

namespace inferometer::fakes {

std::size_t allocations() {
  return calls;
}

std::size_t allocated_bytes() {
  return bytes;
}

std::size_t big_block_bytes() {
  return big_bytes;
}

std::size_t peak_big_block_bytes() {
  return peak;
}

void forget_peak() {
  peak = big_bytes.load();
}

}  // namespace inferometer::fakes
