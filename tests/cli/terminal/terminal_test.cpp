#include "cli/terminal/terminal.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace inferometer::cli {
namespace {

/// A variable of the environment as it is to be for one scope.
class Variable {
 public:
  Variable(const char* name, const char* value) : m_name(name) {
    if (const char* before = std::getenv(name)) {
      m_before = before;
    }
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { m_before ? setenv(m_name, m_before->c_str(), 1) : unsetenv(m_name); }

 private:
  const char* m_name;
  std::optional<std::string> m_before;
};

/// A terminal of that many columns, without anybody at it.
class PseudoTerminal {
 public:
  explicit PseudoTerminal(unsigned short columns) : m_master(posix_openpt(O_RDWR | O_NOCTTY)) {
    REQUIRE(m_master >= 0);
    REQUIRE(grantpt(m_master) == 0);
    REQUIRE(unlockpt(m_master) == 0);
    m_terminal = open(ptsname(m_master), O_RDWR | O_NOCTTY);
    REQUIRE(m_terminal >= 0);
    winsize size{};
    size.ws_col = columns;
    REQUIRE(ioctl(m_terminal, TIOCSWINSZ, &size) == 0);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    close(m_terminal);
    close(m_master);
  }
  [[nodiscard]] int get() const { return m_terminal; }

 private:
  int m_master;
  int m_terminal = -1;
};

}  // namespace

TEST_CASE("a terminal has its own width and colours unless they are not wanted") {
  const PseudoTerminal device(132);
  const Variable columns("COLUMNS", nullptr);
  const Variable term("TERM", "xterm");
  {
    const Variable no_color("NO_COLOR", nullptr);
    const Terminal terminal = terminal_behind(device.get());
    CHECK(terminal.is_terminal);
    CHECK(terminal.escapes);
    CHECK(terminal.colours);
    CHECK(terminal.columns == 132);
  }
  {
    const Variable no_color("NO_COLOR", "");
    CHECK(terminal_behind(device.get()).colours);
  }
  {
    const Variable no_color("NO_COLOR", "1");
    CHECK_FALSE(terminal_behind(device.get()).colours);
  }
  const Variable no_color("NO_COLOR", nullptr);
  const Variable dumb("TERM", "dumb");
  CHECK_FALSE(terminal_behind(device.get()).colours);
  CHECK_FALSE(terminal_behind(device.get()).escapes);
}

TEST_CASE("COLUMNS has the last word on the width and nonsense in it has none") {
  const PseudoTerminal device(0);
  for (const char* nonsense : {"", "0", "-1", "wide", "80x", "99999999999999999999999"}) {
    CAPTURE(nonsense);
    const Variable columns("COLUMNS", nonsense);
    CHECK(terminal_behind(device.get()).columns == 80);
  }
  const Variable columns("COLUMNS", "50");
  CHECK(terminal_behind(device.get()).columns == 50);
}

TEST_CASE("what is no terminal gets no escape codes and has no width") {
  const Variable columns("COLUMNS", nullptr);
  const Variable term("TERM", "xterm");
  const int descriptor = open("/dev/null", O_RDWR);
  const Terminal terminal = terminal_behind(descriptor);
  close(descriptor);
  CHECK_FALSE(terminal.is_terminal);
  CHECK_FALSE(terminal.escapes);
  CHECK_FALSE(terminal.colours);
  CHECK(terminal.columns == 0);
}

TEST_CASE("texts are cut at characters and wide ones count twice") {
  CHECK(shorten("abcdef", 0) == "abcdef");
  CHECK(shorten("abcdef", 6) == "abcdef");
  CHECK(shorten("abcdef", 5) == "abcd…");
  CHECK(shorten("äöüß", 3) == "äö…");
  CHECK(shorten("光光光", 6) == "光光光");
  CHECK(shorten("光光光", 5) == "光光…");
  CHECK(shorten("光光光", 4) == "光…");
  CHECK(shorten("abc", 1) == "…");
  CHECK(shorten("a\x1b[0m", 80) == "a\\u001b[0m");
  CHECK(width_of("光a\U0001F600ä") == 6);
}

}  // namespace inferometer::cli
