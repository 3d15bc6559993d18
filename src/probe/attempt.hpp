#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "probe/arrival_marks.hpp"
#include "probe/expectation.hpp"
#include "protocol/protocol.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace inferometer::probe {

using base::Duration;

/// What a measurement keeps of a text that may hold what the provider said: one line of at most 300
/// bytes, without blanks at its end.
[[nodiscard]] std::string make_detail(std::string_view text);

/// Called once for each attempt, on the transport's thread; must not block. No measurement means
/// that the attempt was cut, by our own shutdown or by its caller, and is not to be counted.
using Completion = std::function<void(std::optional<measure::Measurement>)>;

/// One attempt while it runs: takes the exchange from the transport, feeds the protocol's decoder,
/// keeps the marks and the deadlines, and hands over the Measurement in the end.
class Attempt final : public transport::Listener {
 public:
  struct Setup {
    std::shared_ptr<const config::Target> target;
    const protocol::Protocol& protocol;
    measure::Measurement measurement;   ///< with what is known before the start
    std::vector<base::Secret> secrets;  ///< redacted from whatever the provider says
    const base::Clock& clock;
    Completion completion;
    std::shared_ptr<const Expectation> expectation;  ///< of a good answer's text; null: none
  };

  explicit Attempt(Setup setup);

  void on_started(base::MonotonicTime now) override;
  void on_request_begin(base::MonotonicTime now) override;
  transport::Flow on_head(transport::ResponseHead head, const transport::Arrival& arrival) override;
  transport::Flow on_body(std::string_view bytes, const transport::Arrival& arrival) override;
  void on_rest(const transport::Arrival& arrival) override { m_marks.take_rest(arrival); }
  [[nodiscard]] base::MonotonicTime deadline() const override;
  void on_deadline(base::MonotonicTime now) override;
  void on_end(const transport::Report& report) override;

 private:
  void take_event(const protocol::Event& event);
  void fail(measure::Outcome outcome, std::string_view detail);
  void fail(const protocol::ApiError& error);
  void take_marks(const transport::Report& report);
  void conclude(const transport::Report& report);
  void conclude_error_body();
  void conclude_ending(const transport::Report& report);
  void conclude_stream();
  void conclude_text();
  [[nodiscard]] std::string_view expected_content_type() const;
  [[nodiscard]] std::string redacted(std::string_view text) const;

  const std::shared_ptr<const config::Target> m_target;
  const protocol::Protocol& m_protocol;
  const std::vector<base::Secret> m_secrets;
  const base::Clock& m_clock;
  const Completion m_completion;
  const std::shared_ptr<const Expectation> m_expectation;
  const std::unique_ptr<protocol::Decoder> m_decoder;

  measure::Measurement m_measurement;
  ArrivalMarks m_marks{m_measurement};
  std::string m_text;  ///< the answer's beginning, kept where it is checked or shown
  std::string m_content_type;
  std::string m_error_type;                 ///< what the header x-amzn-ErrorType names
  std::optional<std::string> m_error_body;  ///< the body, where it is not the expected stream
  std::uint64_t m_body_bytes = 0;
  std::uint64_t m_bytes_after_end = 0;
  Duration m_lateness{};  ///< at the deadline: how long after it we came to it
  bool m_refused = false;
  bool m_concluded = false;  ///< the outcome stands, whatever comes
};

}  // namespace inferometer::probe
