#pragma once

#include "base/thread/mutex.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

namespace inferometer::fakes {

/// What a ScriptedServer can do on a connection.
namespace script {
struct ReadRequest {};       ///< waits for one whole HTTP/1.1 request
struct ReadHttp2Request {};  ///< waits for a stream's headers and its end, after the preface if due
struct Send {
  std::string bytes;
};
struct Await {  ///< waits until the test gives the signal of that name
  std::string signal;
};
struct AwaitClose {};  ///< waits until the client has closed
struct Reset {};       ///< closes with a TCP reset, the last step of its script
}  // namespace script

using Step = std::variant<script::ReadRequest, script::ReadHttp2Request, script::Send,
                          script::Await, script::AwaitClose, script::Reset>;
using Script = std::vector<Step>;

/// A server on a loopback port that plays a script on each connection and then closes it, with raw
/// sockets: it can send what a correct server never would. Thread-safe; the destructor cuts what is
/// open.
class ScriptedServer {
 public:
  /// The n-th connection plays the n-th script, every later one the last. Throws std::system_error.
  explicit ScriptedServer(std::vector<Script> scripts);
  explicit ScriptedServer(Script script) : ScriptedServer(std::vector<Script>{std::move(script)}) {}
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  [[nodiscard]] std::uint16_t port() const { return m_port; }
  /// "http://127.0.0.1:<port><path>"
  [[nodiscard]] std::string url(std::string_view path = "/v1/chat/completions") const;

  /// Lets every Await of that name go on, now and later.
  void signal(const std::string& name) EXCLUDES(m_mutex);

  /// What was read as requests so far, in the order of arrival; of HTTP/2 its bodies.
  [[nodiscard]] std::vector<std::string> requests() const EXCLUDES(m_mutex);
  /// How many connections were accepted so far.
  [[nodiscard]] std::size_t accepted() const EXCLUDES(m_mutex);

  /// Waits with a generous deadline until so many requests were read, or so many connections were
  /// closed by this side or the other; false if that does not happen.
  [[nodiscard]] bool wait_for_requests(std::size_t count) EXCLUDES(m_mutex);
  [[nodiscard]] bool wait_for_closed(std::size_t count) EXCLUDES(m_mutex);

 private:
  void accept_connections();
  void play(int descriptor, const Script& script) EXCLUDES(m_mutex);
  bool take(int descriptor, const Step& step) EXCLUDES(m_mutex);
  bool read_request(int descriptor) EXCLUDES(m_mutex);
  bool read_http2_request(int descriptor) EXCLUDES(m_mutex);
  void note_request(std::string request) EXCLUDES(m_mutex);
  bool await(const std::string& signal) EXCLUDES(m_mutex);
  bool is_stopping() EXCLUDES(m_mutex);
  template <typename Condition>
  bool wait_until(Condition condition) REQUIRES(m_mutex);

  const std::vector<Script> m_scripts;
  const int m_listener;
  std::uint16_t m_port = 0;

  mutable base::Mutex m_mutex;
  base::CondVar m_changed;
  std::set<std::string> m_signals GUARDED_BY(m_mutex);
  std::vector<std::string> m_requests GUARDED_BY(m_mutex);
  std::set<int> m_open GUARDED_BY(m_mutex);
  std::size_t m_accepted GUARDED_BY(m_mutex) = 0;
  std::size_t m_closed GUARDED_BY(m_mutex) = 0;
  bool m_stopping GUARDED_BY(m_mutex) = false;

  std::list<std::thread> m_players;  // the acceptor's until it is joined
  std::thread m_acceptor;
};

}  // namespace inferometer::fakes
