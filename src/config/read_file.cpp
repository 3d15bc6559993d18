#include "config/read_file.hpp"

#include "base/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace inferometer::config {
namespace {

tl::unexpected<base::Error> fail_with_errno() {
  return base::fail(std::generic_category().message(errno));
}

/// Waits for what does not block by itself, as a terminal that somebody else has set so.
void wait_until_readable(int descriptor) {
  pollfd readable{.fd = descriptor, .events = POLLIN, .revents = 0};
  poll(&readable, 1, -1);
}

base::Result<std::string> read_all(int descriptor, std::size_t size_hint, std::size_t max_bytes) {
  // One byte more than expected shows that the end was reached, or that there is too much.
  std::string content(std::min(size_hint, max_bytes) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t count = read(descriptor, content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0 && errno == EAGAIN) {
      wait_until_readable(descriptor);
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

struct Opened {
  base::Descriptor descriptor;
  struct stat status {};
};

base::Result<Opened> check(base::Descriptor descriptor) {
  Opened opened{.descriptor = std::move(descriptor), .status = {}};
  if (!opened.descriptor.valid() || fstat(opened.descriptor.get(), &opened.status) != 0) {
    return fail_with_errno();
  }
  if (S_ISDIR(opened.status.st_mode)) {
    return base::fail("it is a directory");
  }
  return opened;
}

}  // namespace

base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const base::Result<Opened> opened =
      check(base::Descriptor(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)));
  if (!opened) {
    return tl::make_unexpected(opened.error());
  }
  if (!S_ISREG(opened->status.st_mode)) {
    return base::fail("it is not a regular file");
  }
  return read_all(opened->descriptor.get(), static_cast<std::size_t>(opened->status.st_size),
                  max_bytes);
}

base::Result<FileContent> read_file_or_pipe(const std::string& path, std::size_t max_bytes) {
  const base::Result<Opened> opened = check(base::Descriptor(
      path == k_standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                               : open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC)));
  if (!opened) {
    return tl::make_unexpected(opened.error());
  }
  constexpr std::size_t k_pipe_size = std::size_t{64} * 1024;
  const bool regular = S_ISREG(opened->status.st_mode);
  auto text =
      read_all(opened->descriptor.get(),
               regular ? static_cast<std::size_t>(opened->status.st_size) : k_pipe_size, max_bytes);
  if (!text) {
    return tl::make_unexpected(text.error());
  }
  return FileContent{.text = *std::move(text), .regular = regular && path != k_standard_input};
}

}  // namespace inferometer::config
