#include "selftest/accuracy.hpp"

#include "fakes/instants.hpp"

#include <doctest/doctest.h>

using inferometer::fakes::at;
using namespace inferometer;
using namespace std::chrono_literals;
using selftest::Accuracy;
using selftest::judge;
using selftest::quantile;
using selftest::SeenStream;
using selftest::Verdict;

namespace {

/// Asked at 10 ms, events sent at 30, 50, 70 … ms, each stamped 5 µs later.
SeenStream stream(int events) {
  SeenStream made;
  made.asked = at(10ms);
  made.report.ending = transport::Ending::complete;
  made.report.request_begin = at(10ms);
  made.report.connection.stamps = measure::StampSource::kernel;
  for (int i = 1; i <= events; ++i) {
    const auto sent = at(10ms + i * 20ms);
    made.events.push_back({.sent = sent, .arrival = {.at = sent + 5us}});
  }
  return made;
}

Accuracy accuracy_of(const SeenStream& seen, std::uint32_t expected) {
  Accuracy accuracy;
  add(accuracy, seen, expected);
  return accuracy;
}

}  // namespace

TEST_CASE("accuracy: a stream that was stamped well is kept whole and good") {
  const Accuracy accuracy = accuracy_of(stream(4), 4);
  CHECK(accuracy.events == 4);
  CHECK(accuracy.measurements == 4);  // TTFT and three gaps
  CHECK(accuracy.share_kept() == 1.0);
  CHECK(accuracy.kernel_stamps);
  CHECK(quantile(accuracy.stamp_errors, 0.5) == 5us);
  CHECK(quantile(accuracy.ttft_errors, 0.5) == 5us);
  CHECK(quantile(accuracy.itl_errors, 1.0) == 0us);
  CHECK(judge(accuracy) == Verdict::good);
}

TEST_CASE("accuracy: of events with one arrival only the last has its stamp") {
  SeenStream seen = stream(4);
  seen.events[1].arrival = {.at = at(70ms), .first_slack = 38ms, .last_slack = 0ms};
  seen.events[2].arrival = seen.events[1].arrival;
  const Accuracy accuracy = accuracy_of(seen, 4);
  CHECK(accuracy.measurements == 4);
  CHECK(accuracy.kept == 2);  // TTFT, and the gap from the third event to the fourth
  CHECK(accuracy.stamp_errors.size() == 3);
  CHECK(quantile(accuracy.stamp_errors, 1.0) == 5us);
  CHECK(quantile(accuracy.itl_errors, 1.0) == 5us);
  CHECK(judge(accuracy) == Verdict::few_kept);
}

TEST_CASE("accuracy: what is open about the departure is open about the TTFT") {
  SeenStream seen = stream(2);
  seen.report.slacks.request_begin = 2ms;
  const Accuracy accuracy = accuracy_of(seen, 2);
  CHECK(accuracy.ttft_errors.empty());
  CHECK(accuracy.itl_errors.size() == 1);
}

TEST_CASE("accuracy: a departure that was not stamped is no TTFT") {
  SeenStream seen = stream(2);
  seen.report.request_begin.reset();
  CHECK(accuracy_of(seen, 2).ttft_errors.empty());
}

TEST_CASE("accuracy: stamps that are trusted and late are off, early ones as well") {
  for (const base::Duration error : {700us, -700us}) {
    SeenStream seen = stream(3);
    for (selftest::SeenEvent& event : seen.events) {
      event.arrival.at = event.sent + error;
    }
    const Accuracy accuracy = accuracy_of(seen, 3);
    CHECK(quantile(accuracy.stamp_errors, 0.5) == 700us);
    CHECK(judge(accuracy) == Verdict::off);
  }
}

TEST_CASE("accuracy: an answer that is not whole is a failure and nothing else") {
  SeenStream cut = stream(3);
  cut.report.ending = transport::Ending::lost;
  CHECK(judge(accuracy_of(cut, 3)) == Verdict::failed);

  const Accuracy short_one = accuracy_of(stream(3), 4);
  CHECK(short_one.failed == 1);
  CHECK(short_one.measurements == 0);
  CHECK(judge(short_one) == Verdict::failed);

  CHECK(judge(accuracy_of(SeenStream{}, 0)) == Verdict::failed);
  CHECK(judge({}) == Verdict::failed);
}

TEST_CASE("accuracy: one stream with stamps of ours makes them ours") {
  Accuracy accuracy = accuracy_of(stream(2), 2);
  SeenStream seen = stream(2);
  seen.report.connection.stamps = measure::StampSource::read;
  add(accuracy, seen, 2);
  CHECK_FALSE(accuracy.kernel_stamps);
}

TEST_CASE("accuracy: where the request's arrival is not known, its departure is not judged") {
  SeenStream seen = stream(2);
  seen.asked = {};
  CHECK(quantile(accuracy_of(seen, 2).ttft_errors, 1.0) == 5us);
}

TEST_CASE("accuracy: what the server itself was interrupted in is kept, and not judged") {
  SeenStream seen = stream(4);
  seen.events[2].sent -= 30ms;
  seen.events[2].interrupted = true;
  const Accuracy accuracy = accuracy_of(seen, 4);
  CHECK(accuracy.share_kept() == 1.0);
  CHECK(accuracy.stamp_errors.size() == 3);
  CHECK(accuracy.itl_errors.size() == 1);
  CHECK(judge(accuracy) == Verdict::good);
}
