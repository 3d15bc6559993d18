#include "transport/stamp/arrival_watch.hpp"

#include "fakes/instants.hpp"

#include <doctest/doctest.h>

using inferometer::fakes::at;
using namespace inferometer;
using namespace std::chrono_literals;
using measure::Arrival;
using transport::ArrivalWatch;

namespace {

constexpr std::size_t k_full = 16UL * 1024;

/// A read that took the socket's last 100 bytes.
ArrivalWatch::Read read_at(base::Duration time) {
  return {.before = at(time), .after = at(time + 1us), .bytes = 100, .emptied = true};
}

ArrivalWatch::Read full_read_at(base::Duration time) {
  return {.before = at(time), .after = at(time + 1us), .bytes = k_full, .emptied = false};
}

/// A read whose newest stamp is old, on a connection with so many segments out of order by now.
ArrivalWatch::Read with_gap(ArrivalWatch::Read read, base::Duration stamp, std::uint32_t count) {
  read.stamp = at(stamp);
  read.out_of_order = count;
  read.woken = read.before - 100us;
  return read;
}

ArrivalWatch begun_at(base::Duration time) {
  ArrivalWatch watch;
  watch.begin(at(time), 0);
  return watch;
}

}  // namespace

TEST_CASE("arrival watch: the kernel's stamp is exact for the last byte of a read") {
  ArrivalWatch watch = begun_at(0ms);
  ArrivalWatch::Read read = read_at(50ms);
  read.stamp = at(40ms);
  const Arrival arrival = watch.note(read);
  CHECK(arrival.at == at(40ms));
  CHECK(arrival.first_slack == 40ms);  // nothing was read since the beginning
  CHECK(arrival.last_slack == 0ms);
}

TEST_CASE("arrival watch: what waited for a gap to be filled came when it could be read") {
  ArrivalWatch watch = begun_at(0ms);
  // The stamp is of a segment that had come before the one that was lost.
  const Arrival arrival = watch.note(with_gap(read_at(50ms), 20ms, 1));
  CHECK(arrival.at == at(50ms + 1us));
  CHECK(arrival.first_slack == 101us);
  CHECK(arrival.last_slack == 101us);
  // No more of them have come.
  CHECK(watch.note(with_gap(read_at(60ms), 59ms, 1)).at == at(59ms));
}

TEST_CASE("arrival watch: a stamp from before nothing could be read is of one that waited") {
  ArrivalWatch watch = begun_at(0ms);
  // Two segments wait; the first gap is filled, and then the second.
  CHECK(watch.note(with_gap(read_at(250ms), 80ms, 2)).at == at(250ms + 1us));
  const Arrival arrival = watch.note(with_gap(read_at(310ms), 81ms, 2));
  CHECK(arrival.at == at(310ms + 1us));
  CHECK(arrival.last_slack == 101us);
}

TEST_CASE("arrival watch: all that one backlog holds has waited if its beginning has") {
  ArrivalWatch watch = begun_at(0ms);
  watch.note(with_gap(full_read_at(50ms), 20ms, 9));
  const Arrival arrival = watch.note(with_gap(read_at(51ms), 30ms, 9));
  CHECK(arrival.at == at(51ms + 1us));
  CHECK(arrival.last_slack > 0ms);
}

TEST_CASE("arrival watch: segments that came out of order before it began count for nothing") {
  ArrivalWatch watch;
  watch.begin(at(0ms), 3);
  const Arrival arrival = watch.note(with_gap(read_at(50ms), 20ms, 3));
  CHECK(arrival.at == at(20ms));
  CHECK(arrival.last_slack == 0ms);
}

TEST_CASE("arrival watch: a stamp that lies before the last arrival is not exact") {
  ArrivalWatch watch = begun_at(0ms);
  ArrivalWatch::Read first = read_at(50ms);
  first.stamp = at(49ms);
  watch.note(first);
  ArrivalWatch::Read second = read_at(60ms);
  second.stamp = at(40ms);
  const Arrival arrival = watch.note(second);
  CHECK(arrival.at == at(49ms));
  CHECK(arrival.last_slack == 9ms);
}

TEST_CASE("arrival watch: without a stamp the read's time leaves open what lay before it") {
  ArrivalWatch watch = begun_at(0ms);
  ArrivalWatch::Read read = read_at(50ms);
  read.earliest = at(49ms);
  const Arrival arrival = watch.note(read);
  CHECK(arrival.at == at(50ms + 1us));
  CHECK(arrival.first_slack == 1ms + 1us);
  CHECK(arrival.last_slack == 1ms + 1us);
}

TEST_CASE("arrival watch: without stamps what can be read without waiting is one arrival") {
  ArrivalWatch watch = begun_at(0ms);
  const Arrival first = watch.note(full_read_at(10ms));
  const Arrival second = watch.note(read_at(11ms));
  CHECK(first.at == second.at);
  CHECK(watch.note(read_at(12ms)).at == at(12ms + 1us));
}

TEST_CASE("arrival watch: a stamp lies neither before the last arrival nor after the read") {
  ArrivalWatch watch = begun_at(0ms);
  ArrivalWatch::Read read = read_at(10ms);
  read.stamp = at(20ms);
  CHECK(watch.note(read).at == at(10ms + 1us));
  read = read_at(30ms);
  read.stamp = at(5ms);
  CHECK(watch.note(read).at == at(10ms + 1us));
}

TEST_CASE("arrival watch: what a turn left has waited since the connection was last empty") {
  ArrivalWatch watch = begun_at(0ms);
  watch.note(read_at(10ms));
  watch.leave_waiting();  // the turn had no room for it
  ArrivalWatch::Read read = read_at(60ms);
  read.stamp = at(59ms);
  read.earliest = at(58ms);  // true of what a wait reports first, and not of this
  CHECK(watch.note(read).first_slack == 49ms);
  read = read_at(70ms);
  read.stamp = at(70ms);
  read.earliest = at(69ms);
  CHECK(watch.note(read).first_slack == 1ms);
}

TEST_CASE(
    "arrival watch: a backlog that may have shut the window leaves the stamps behind it open") {
  ArrivalWatch watch = begun_at(0ms);
  ArrivalWatch::Read read = full_read_at(200ms);
  read.earliest = at(50ms);  // the loop was late by 150 ms
  read.stamp = at(60ms);
  CHECK(watch.note(read).last_slack == 0ms);
  read.stamp = at(70ms);
  CHECK(watch.note(read).last_slack == 0ms);  // the window still held that much
  read.stamp = at(80ms);
  CHECK(watch.note(read).last_slack == 30ms);  // now it may have been shut since 50 ms
  read = read_at(201ms);
  read.stamp = at(90ms);
  CHECK(watch.note(read).last_slack == 40ms);

  // What the sender had kept comes now, late by the pause at most.
  read = read_at(300ms);
  read.earliest = read.stamp.emplace(at(300ms));
  CHECK(watch.note(read).last_slack == 151ms + 1us);
  CHECK(watch.note(read).first_slack == 151ms + 1us);
  read = read_at(1300ms);
  read.earliest = read.stamp.emplace(at(1300ms));
  CHECK(watch.note(read).last_slack == 0ms);
}

TEST_CASE("arrival watch: a long piece that is read promptly costs next to nothing") {
  ArrivalWatch watch = begun_at(0ms);
  ArrivalWatch::Read read = full_read_at(100ms);
  read.earliest = read.stamp.emplace(at(100ms));
  for (int i = 0; i < 4; ++i) {
    watch.note(read);
  }
  watch.note_empty(at(100ms + 50us));
  read = read_at(120ms);
  read.earliest = read.stamp.emplace(at(120ms));
  CHECK(watch.note(read).last_slack == 50us);
}
