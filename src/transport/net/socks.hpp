#pragma once

#include "base/secret.hpp"
#include "wire/url.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace inferometer::transport::net {

/// The opening of a way to `target` through a SOCKS 5 proxy (RFC 1928, with the passwords of RFC
/// 1929): what is to be written to the proxy, and what becomes of its replies. The proxy looks up
/// the target's name. Uses no sockets. Not thread-safe.
class SocksTunnel {
 public:
  enum class State { waiting, open, failed };

  /// Without a username the proxy must ask for none.
  SocksTunnel(const wire::Url& target, std::string username, base::Secret password);

  /// Takes what the proxy sent and returns how many bytes of it belong to its replies: those after
  /// them are the tunnel's first.
  std::size_t feed(std::string_view bytes);

  /// What is to be written now; empty if nothing. Call it after construction and after each `feed`.
  [[nodiscard]] base::Secret take_output();

  [[nodiscard]] State state() const { return m_state; }
  /// Why it failed, for people. Empty otherwise.
  [[nodiscard]] const std::string& problem() const { return m_problem; }

 private:
  /// Which reply is awaited.
  enum class Step { method, password, connect };

  [[nodiscard]] std::size_t reply_size() const;
  void take_reply();
  void take_method();
  void ask_for_connection();
  void fail(std::string problem);

  const wire::Url m_target;
  const std::string m_username;
  const base::Secret m_password;
  State m_state = State::waiting;
  Step m_step = Step::method;
  std::string m_reply;  ///< as far as it has come
  base::Secret m_output;
  std::string m_problem;
};

}  // namespace inferometer::transport::net
