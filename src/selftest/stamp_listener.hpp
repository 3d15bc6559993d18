#pragma once

#include "selftest/stamped_event.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <vector>

namespace inferometer::selftest {

/// An event beside the stamp that we gave it.
struct SeenEvent {
  base::MonotonicTime sent{};
  transport::Arrival arrival;
  bool interrupted = false;  ///< its write was: `sent` is not to be relied upon
};

/// What a client saw of one answer of the stamp server.
struct SeenStream {
  base::MonotonicTime asked{};    ///< see Stamp
  std::vector<SeenEvent> events;  ///< too few where the answer is not whole
  transport::Report report;
};

/// Collects one answer of the stamp server.
class StampListener final : public transport::Listener {
 public:
  /// Called once, on the transport's thread.
  using Done = std::function<void(SeenStream)>;

  /// The exchange is given up at `deadline`.
  StampListener(base::MonotonicTime deadline, Done done)
      : m_deadline(deadline), m_done(std::move(done)) {}

  void on_started(base::MonotonicTime /*now*/) override {}
  void on_request_begin(base::MonotonicTime /*now*/) override {}
  transport::Flow on_head(transport::ResponseHead head, const transport::Arrival& arrival) override;
  transport::Flow on_body(std::string_view bytes, const transport::Arrival& arrival) override;
  [[nodiscard]] base::MonotonicTime deadline() const override { return m_deadline; }
  void on_deadline(base::MonotonicTime /*now*/) override {}
  void on_end(const transport::Report& report) override;

 private:
  const base::MonotonicTime m_deadline;
  const Done m_done;
  StampReader m_reader;
  SeenStream m_stream;
};

}  // namespace inferometer::selftest
