#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "probe/protocol/protocol.hpp"
#include "probe/runner.hpp"
#include "probe/transport/transport.hpp"

#include <memory>
#include <optional>
#include <string>

namespace inferometer::probe {

/// One attempt while it runs: takes the exchange from the transport, feeds the protocol's decoder,
/// keeps the marks and the deadlines, and hands over the Measurement in the end.
class Attempt final : public transport::Listener {
 public:
  /// `measurement` comes with what is known before the start; `secrets` are kept to redact them.
  Attempt(std::shared_ptr<const config::Target> target, const protocol::Protocol& protocol,
          measure::Measurement measurement, std::vector<base::Secret> secrets,
          Runner::Dependencies dependencies, Runner::Completion completion);

  void on_started(base::MonotonicTime now) override;
  void on_request_begin(base::MonotonicTime now) override;
  transport::Flow on_head(transport::ResponseHead head, base::MonotonicTime stamp) override;
  transport::Flow on_body(std::string_view bytes, base::MonotonicTime stamp) override;
  [[nodiscard]] base::MonotonicTime deadline() const override;
  void on_deadline(base::MonotonicTime now) override;
  void on_end(const transport::Report& report) override;

 private:
  void take_event(const protocol::Event& event);
  void take_text(const protocol::Event& event);
  void fail(measure::Outcome outcome, std::string_view detail);
  void conclude(const transport::Report& report);
  void conclude_error_body();
  void conclude_ending(const transport::Report& report);
  void conclude_stream();
  [[nodiscard]] std::string_view expected_content_type() const;
  [[nodiscard]] std::string redacted(std::string_view text) const;

  const std::shared_ptr<const config::Target> m_target;
  const protocol::Protocol& m_protocol;
  const std::vector<base::Secret> m_secrets;
  const Runner::Dependencies m_dependencies;
  const Runner::Completion m_completion;
  const std::unique_ptr<protocol::Decoder> m_decoder;

  measure::Measurement m_measurement;
  std::string m_content_type;
  std::string m_error_type;                 ///< what the header x-amzn-ErrorType names
  std::optional<std::string> m_error_body;  ///< the body, where it is not the expected stream
  std::uint64_t m_body_bytes = 0;
  base::MonotonicTime m_stamp{};                   ///< of the bytes at hand
  std::optional<base::MonotonicTime> m_last_text;  ///< reasoning or content
  std::optional<base::MonotonicTime> m_terminated;
  bool m_refused = false;
  bool m_concluded = false;  ///< the outcome stands, whatever comes
};

}  // namespace inferometer::probe
