#pragma once

#include "base/error.hpp"
#include "selftest/accuracy.hpp"
#include "selftest/stamp_server.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <string>
#include <vector>

/// Measures how well this machine measures: the real transport reads streams whose true send times
/// are known.
namespace inferometer::selftest {

/// The conditions of one row of the table, and what came out.
struct Row {
  Wire wire = Wire::clear_text;
  bool loaded = false;  ///< every CPU was kept busy by others, that of the reader by three
  Accuracy accuracy;
  Verdict verdict = Verdict::failed;
};

/// "TLS, under load".
[[nodiscard]] std::string to_string(const Row& row);

/// Whether every row is good.
[[nodiscard]] bool is_good(const std::vector<Row>& rows);

struct Options {
  std::uint32_t streams = 20;  ///< at once
  std::uint32_t events = 100;  ///< of each, one every 20 ms
};

/// Runs all rows, one after the other, in about ten seconds; before each, `progress` gets it
/// without a result. The error says what the system refused.
[[nodiscard]] base::Result<std::vector<Row>> run(const Options& options,
                                                 const std::function<void(const Row&)>& progress);

/// Reads one short stream (10 events in 100 ms) in clear text through `transport` from a server
/// that exists just for it, and returns our stamp less the true send time of each event; none if
/// the stream did not come whole. Blocks until that is known.
[[nodiscard]] std::vector<base::Duration> measure_error(transport::Transport& transport);

}  // namespace inferometer::selftest
