#include "fakes/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace inferometer::fakes {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds k_poll(5);
constexpr milliseconds k_exit_patience(20'000);  // only a failing test reaches it

int checked(int result, const std::string& what) {
  if (result < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return result;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return name;
  }
  const char* path = std::getenv("PATH");
  std::string folders = std::string(path != nullptr ? path : "") + ":/usr/sbin:";
  for (std::size_t begin = 0; begin < folders.size();) {
    const std::size_t end = folders.find(':', begin);
    std::string candidate = folders.substr(begin, end - begin) + '/' + name;
    if (access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    begin = end + 1;
  }
  throw std::system_error(ENOENT, std::generic_category(), name + " (is its package installed?)");
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool accepts_connections(std::uint16_t port) {
  const int descriptor = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  const sockaddr_in address = loopback(port);
  const bool connected =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(descriptor);
  return connected;
}

}  // namespace

Process::Process(std::vector<std::string> argv)
    : m_output(checked(memfd_create("output", MFD_CLOEXEC), "memfd_create")) {
  const std::string program = find_program(argv.at(0));
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (std::string& argument : argv) {
    arguments.push_back(argument.data());
  }
  arguments.push_back(nullptr);
  m_pid = checked(fork(), "fork");
  if (m_pid == 0) {  // only calls that are safe after a fork in a process with threads
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
    dup2(m_output, STDOUT_FILENO);
    dup2(m_output, STDERR_FILENO);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }
}

Process::~Process() {
  terminate();
  if (!wait_for_exit(milliseconds(5000))) {
    kill(m_pid, SIGKILL);
    waitpid(m_pid, nullptr, 0);
  }
  close(m_output);
}

std::string Process::output() const {
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = pread(m_output, buffer.data(), buffer.size(), static_cast<off_t>(text.size()))) >
         0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

std::optional<int> Process::exit_status() {
  int status = 0;
  if (!m_exit_status && waitpid(m_pid, &status, WNOHANG) == m_pid) {
    m_exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  return m_exit_status;
}

std::optional<int> Process::wait_for_exit(milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  while (!exit_status() && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(k_poll);
  }
  return m_exit_status;
}

void Process::send(int signal) {
  if (!exit_status()) {
    kill(m_pid, signal);
  }
}

void Process::terminate() {
  send(SIGTERM);
}

void Process::wait_until_listening(std::uint16_t port) {
  const auto deadline = steady_clock::now() + k_exit_patience;
  while (!accepts_connections(port)) {
    if (exit_status() || steady_clock::now() >= deadline) {
      throw std::runtime_error("nothing listens on port " + std::to_string(port) + ":\n" +
                               output());
    }
    std::this_thread::sleep_for(k_poll);
  }
}

ReservedPort::ReservedPort()
    : m_socket(checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
  const int on = 1;
  setsockopt(m_socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  checked(bind(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  getsockname(m_socket, reinterpret_cast<sockaddr*>(&address), &size);
  m_number = ntohs(address.sin_port);
}

ReservedPort::~ReservedPort() {
  close(m_socket);
}

}  // namespace inferometer::fakes
