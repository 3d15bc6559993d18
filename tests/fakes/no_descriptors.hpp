#pragma once

#include <sys/resource.h>

#include <cerrno>
#include <system_error>

namespace inferometer::fakes {

/// While it lives, this process gets no new descriptor (EMFILE).
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &m_before);
    set({.rlim_cur = 3, .rlim_max = m_before.rlim_max});
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

  rlimit m_before{};
};

}  // namespace inferometer::fakes
