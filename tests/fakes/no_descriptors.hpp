#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <exception>
#include <string>
#include <system_error>

namespace inferometer::fakes {

/// While it exists, this process gets no descriptor of this number or above (EMFILE); by default
/// none at all beside the standard streams.
class NoDescriptors {
 public:
  explicit NoDescriptors(rlim_t from = 3) {
    // The undefined-behaviour sanitizer opens a pipe when it first meets a type with virtual calls:
    // here exceptions and the buffers of fmt.
    try {
      throw std::system_error(EMFILE, std::generic_category());
    } catch (const std::exception& met) {
      m_met = fmt::format("{}", met.what());
    }
    if (getrlimit(RLIMIT_NOFILE, &m_before) != 0) {
      throw std::system_error(errno, std::generic_category(), "getrlimit");
    }
    set({.rlim_cur = from, .rlim_max = m_before.rlim_max});
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &m_before); }

 private:
  static void set(const rlimit& limit) {
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      throw std::system_error(errno, std::generic_category(), "setrlimit");
    }
  }

  std::string m_met;
  rlimit m_before{};
};

}  // namespace inferometer::fakes
