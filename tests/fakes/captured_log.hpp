#pragma once

#include "base/log.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

namespace inferometer::fakes {

/// What `write` puts on stderr, with the log configured so; leaves the log as it begins.
template <typename Write>
std::string stderr_of(base::log::Level level, base::log::Format format, Write write) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fflush(stderr);
  const int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  REQUIRE(dup2(fileno(file), STDERR_FILENO) == STDERR_FILENO);
  base::log::configure(level, format);
  write();
  CHECK(base::log::flush(std::chrono::seconds(20)));
  base::log::configure(base::log::Level::info, base::log::Format::logfmt);
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);

  std::string text;
  std::rewind(file);
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file)) > 0;) {
    text.append(buffer.data(), n);
  }
  std::fclose(file);
  return text;
}

}  // namespace inferometer::fakes
