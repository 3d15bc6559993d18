#pragma once

#include "precision/cases.hpp"
#include "precision/child.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace inferometer::precision {

/// The stamp server in a process and, where the machine has one to spare, on a CPU of its own.
class Server {
 public:
  explicit Server(const Plan& plan);

  [[nodiscard]] std::uint16_t port() const { return m_address.port; }
  [[nodiscard]] std::string ca_file() const { return m_address.ca_file.data(); }

 private:
  struct Address {
    std::uint16_t port;
    std::array<char, 64> ca_file;  // ended by a zero
  };

  [[noreturn]] static void serve(const Plan& plan, int result);

  Child m_child;
  Address m_address;
};

}  // namespace inferometer::precision
