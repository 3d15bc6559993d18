#pragma once

#include "base/thread/mutex.hpp"
#include "fakes/scripted_server.hpp"
#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A listener that writes down what it is told, for tests of the transport.
namespace inferometer::transport {

inline constexpr std::chrono::seconds k_patience(30);  ///< only a failing test reaches it

enum class Call { started, request_begin, head, body, deadline, end };

/// What one exchange told its listener.
struct Record {
  std::vector<Call> calls;  ///< consecutive `body` calls are one entry
  MonotonicTime started{};
  std::vector<MonotonicTime> request_begins;
  ResponseHead head;
  MonotonicTime head_stamp{};
  std::string body;
  std::vector<MonotonicTime> body_stamps;  ///< one for each call
  std::vector<Arrival> body_arrivals;      ///< the same with what they leave open
  std::vector<Arrival> rests;
  std::optional<MonotonicTime> deadline_told;
  std::optional<Report> report;
  int ends = 0;
  bool called_after_end = false;
  bool destroyed = false;
};

/// What the listener does beside writing down; runs on the transport's thread and may throw.
struct Behaviour {
  std::function<Flow(Call, const Record&)> on = {};
  std::function<MonotonicTime(const Record&)> deadline = {};
};

/// The record, shared by a listener that the transport owns and the test that reads it.
class Recording {
 public:
  explicit Recording(Behaviour behaviour) : m_behaviour(std::move(behaviour)) {}

  template <typename Change>
  Flow note(Call call, Change change) EXCLUDES(m_mutex) {
    Record now;
    {
      const base::LockGuard lock(m_mutex);
      m_record.called_after_end = m_record.called_after_end || m_record.ends > 0;
      if (m_record.calls.empty() || m_record.calls.back() != call || call != Call::body) {
        m_record.calls.push_back(call);
      }
      change(m_record);
      m_changed.notify_all();
      if (!m_behaviour.on) {
        return Flow::go_on;
      }
      now = m_record;
    }
    return m_behaviour.on(call, now);
  }

  void note_rest(const Arrival& arrival) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_record.called_after_end = m_record.called_after_end || m_record.ends > 0;
    m_record.rests.push_back(arrival);
    m_changed.notify_all();
  }

  MonotonicTime deadline() EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_record.called_after_end = m_record.called_after_end || m_record.ends > 0;
    return m_behaviour.deadline ? m_behaviour.deadline(m_record) : MonotonicTime::max();
  }

  void note_destruction() EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_record.destroyed = true;
    m_changed.notify_all();
  }

  /// Waits until the condition holds for the record; false if that does not happen.
  template <typename Condition>
  [[nodiscard]] bool wait(Condition condition) EXCLUDES(m_mutex) {
    const auto until = std::chrono::steady_clock::now() + k_patience;
    const base::LockGuard lock(m_mutex);
    while (!condition(m_record) && std::chrono::steady_clock::now() < until) {
      m_changed.wait_until(m_mutex, until);
    }
    return condition(m_record);
  }

  [[nodiscard]] Record record() EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    return m_record;
  }

  /// The record of an exchange that has ended, once, with nothing behind it.
  [[nodiscard]] Record finished() EXCLUDES(m_mutex) {
    REQUIRE(wait([](const Record& record) { return record.destroyed; }));
    Record result = record();
    REQUIRE(result.ends == 1);
    CHECK_FALSE(result.called_after_end);
    return result;
  }

 private:
  const Behaviour m_behaviour;
  base::Mutex m_mutex;
  base::CondVar m_changed;
  Record m_record GUARDED_BY(m_mutex);
};

class RecordingListener final : public Listener {
 public:
  explicit RecordingListener(std::shared_ptr<Recording> recording)
      : m_recording(std::move(recording)) {}
  ~RecordingListener() override { m_recording->note_destruction(); }

  void on_started(MonotonicTime now) override {
    m_recording->note(Call::started, [now](Record& record) { record.started = now; });
  }
  void on_request_begin(MonotonicTime now) override {
    m_recording->note(Call::request_begin,
                      [now](Record& record) { record.request_begins.push_back(now); });
  }
  Flow on_head(ResponseHead head, const Arrival& arrival) override {
    return m_recording->note(Call::head, [&](Record& record) {
      record.head = std::move(head);
      record.head_stamp = arrival.at;
    });
  }
  Flow on_body(std::string_view bytes, const Arrival& arrival) override {
    return m_recording->note(Call::body, [&](Record& record) {
      record.body.append(bytes);
      record.body_stamps.push_back(arrival.at);
      record.body_arrivals.push_back(arrival);
    });
  }
  void on_rest(const Arrival& arrival) override { m_recording->note_rest(arrival); }
  [[nodiscard]] MonotonicTime deadline() const override { return m_recording->deadline(); }
  void on_deadline(MonotonicTime now) override {
    m_recording->note(Call::deadline, [now](Record& record) { record.deadline_told = now; });
  }
  void on_end(const Report& report) override {
    m_recording->note(Call::end, [&report](Record& record) {
      record.report = report;
      ++record.ends;
    });
  }

 private:
  const std::shared_ptr<Recording> m_recording;
};

inline Request make_request(std::string url) {
  Request request;
  request.url = std::move(url);
  request.body = "{}";
  return request;
}

/// Over a connection that an earlier one of the same kind may have left open.
inline Request reusing(const fakes::ScriptedServer& server,
                       config::HttpVersion version = config::HttpVersion::automatic) {
  Request request = make_request(server.url());
  request.connection = config::ConnectionPolicy::reuse;
  request.http_version = version;
  return request;
}

inline std::shared_ptr<Recording> start(Transport& transport, Request request,
                                        Behaviour behaviour = {}) {
  auto recording = std::make_shared<Recording>(std::move(behaviour));
  transport.start(std::move(request), std::make_unique<RecordingListener>(recording));
  return recording;
}

/// One exchange from start to end.
inline Record run(Transport& transport, Request request, Behaviour behaviour = {}) {
  return start(transport, std::move(request), std::move(behaviour))->finished();
}

/// Gives an exchange up at that time after its start.
inline Behaviour give_up_after(Duration patience) {
  return {.on = {},
          .deadline = [patience](const Record& record) { return record.started + patience; }};
}

/// The whole response of a server that behaves.
inline std::string response(std::string_view body, std::string_view status = "200 OK",
                            std::string_view more_headers = "") {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: text/event-stream\r\n" +
         std::string(more_headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

/// The head of a chunked response, and one chunk.
inline const std::string k_chunked_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
inline const std::string k_last_chunk = "0\r\n\r\n";

inline std::string chunk(std::string_view bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string size;
  for (std::size_t rest = bytes.size(); rest > 0; rest /= 16) {
    size.insert(size.begin(), k_digits[rest % 16]);
  }
  return size + "\r\n" + std::string(bytes) + "\r\n";
}

}  // namespace inferometer::transport

namespace doctest {
template <>
struct StringMaker<inferometer::transport::Ending> {
  static String convert(inferometer::transport::Ending ending) {
    using inferometer::transport::Ending;
    switch (ending) {
      case Ending::complete:
        return "complete";
      case Ending::stopped:
        return "stopped";
      case Ending::cancelled:
        return "cancelled";
      case Ending::dns_error:
        return "dns_error";
      case Ending::connect_error:
        return "connect_error";
      case Ending::tls_error:
        return "tls_error";
      case Ending::lost:
        return "lost";
      case Ending::refused:
        return "refused";
      case Ending::protocol_error:
        return "protocol_error";
      case Ending::internal_error:
        return "internal_error";
    }
    return "?";
  }
};
}  // namespace doctest
