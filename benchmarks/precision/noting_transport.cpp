#include "precision/noting_transport.hpp"

#include <utility>

namespace inferometer::precision {

using transport::Arrival;
using transport::Flow;
using transport::Listener;

/// Passes everything on to the real listener, and notes the events on the way.
class NotingTransport::NotingListener final : public Listener {
 public:
  NotingListener(std::unique_ptr<Listener> real, Answer& answer, NotingTransport& owner)
      : m_real(std::move(real)), m_answer(answer), m_owner(owner) {}

  void on_started(base::MonotonicTime now) override { m_real->on_started(now); }
  void on_request_begin(base::MonotonicTime now) override { m_real->on_request_begin(now); }
  Flow on_head(transport::ResponseHead head, const Arrival& arrival) override {
    return m_real->on_head(std::move(head), arrival);
  }
  Flow on_body(std::string_view bytes, const Arrival& arrival) override {
    m_reader.feed(bytes, [&](const selftest::Stamp& stamp) { m_answer.note(stamp, arrival.at); });
    return m_real->on_body(bytes, arrival);
  }
  void on_rest(const Arrival& arrival) override { m_real->on_rest(arrival); }
  [[nodiscard]] base::MonotonicTime deadline() const override { return m_real->deadline(); }
  void on_deadline(base::MonotonicTime now) override { m_real->on_deadline(now); }
  void on_end(const transport::Report& report) override {
    m_owner.m_ending = &m_answer;
    m_real->on_end(report);
  }

 private:
  const std::unique_ptr<Listener> m_real;
  Answer& m_answer;
  NotingTransport& m_owner;
  selftest::StampReader m_reader;
};

NotingTransport::NotingTransport(const transport::Options& options, std::size_t answers,
                                 std::uint32_t events)
    : m_events(events), m_answers(answers), m_real(transport::make_transport(options)) {
  for (Answer& answer : m_answers) {
    answer.events.resize(events + selftest::k_last_stamps);
    answer.events.clear();
  }
}

NotingTransport::~NotingTransport() {
  m_real->stop();
}

transport::Transport::ExchangeId NotingTransport::start(transport::Request request,
                                                        std::unique_ptr<Listener> listener) {
  if (m_used == m_answers.size()) {
    m_answers.emplace_back().events.reserve(m_events + selftest::k_last_stamps);
  }
  Answer& answer = m_answers[m_used++];
  return m_real->start(std::move(request),
                       std::make_unique<NotingListener>(std::move(listener), answer, *this));
}

std::vector<Answer> NotingTransport::take_answers() {
  m_answers.resize(m_used);
  return {std::make_move_iterator(m_answers.begin()), std::make_move_iterator(m_answers.end())};
}

}  // namespace inferometer::precision
