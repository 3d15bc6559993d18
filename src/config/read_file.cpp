#include "config/read_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace inferometer::config {
namespace {

tl::unexpected<base::Error> fail_with_errno() {
  return base::fail(std::generic_category().message(errno));
}

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : m_number(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (m_number >= 0) {
      close(m_number);
    }
  }

  [[nodiscard]] int number() const { return m_number; }

 private:
  int m_number;
};

base::Result<std::string> read_all(int descriptor, std::size_t size_hint, std::size_t max_bytes) {
  // One byte more than expected shows that the end was reached, or that there is too much.
  std::string content(std::min(size_hint, max_bytes) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t count = read(descriptor, content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return fail_with_errno();
    }
    size += static_cast<std::size_t>(count);
    if (size > max_bytes) {
      return base::fail(fmt::format("larger than {} bytes", max_bytes));
    }
    if (count == 0) {
      content.resize(size);
      return content;
    }
    if (size == content.size()) {  // it has grown since it was measured
      content.resize(std::min(size * 2, max_bytes + 1));
    }
  }
}

}  // namespace

base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const Descriptor descriptor(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (descriptor.number() < 0 || fstat(descriptor.number(), &status) != 0) {
    return fail_with_errno();
  }
  if (S_ISDIR(status.st_mode)) {
    return base::fail("it is a directory");
  }
  if (!S_ISREG(status.st_mode)) {
    return base::fail("it is not a regular file");
  }
  return read_all(descriptor.number(), static_cast<std::size_t>(status.st_size), max_bytes);
}

}  // namespace inferometer::config
