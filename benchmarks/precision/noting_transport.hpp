#pragma once

#include "precision/figures.hpp"
#include "transport/transport.hpp"

#include <deque>
#include <memory>

namespace inferometer::precision {

/// The real transport, with a look at all that it hands over on its way to the real listeners.
class NotingTransport final : public transport::Transport {
 public:
  /// Takes the memory for so many answers of so many events now, so that it is not counted later.
  NotingTransport(const transport::Options& options, std::size_t answers, std::uint32_t events);
  ~NotingTransport() override;

  ExchangeId start(transport::Request request,
                   std::unique_ptr<transport::Listener> listener) override;
  void cancel(ExchangeId exchange) override { m_real->cancel(exchange); }
  [[nodiscard]] std::size_t open() const override { return m_real->open(); }
  [[nodiscard]] base::MonotonicTime last_turn() const override { return m_real->last_turn(); }
  void stop() override { m_real->stop(); }

  /// The answer that is ending: for the completions of attempts, on the transport's thread.
  [[nodiscard]] Answer& ending() { return *m_ending; }
  /// All answers. REQUIRES: the transport was stopped.
  [[nodiscard]] std::vector<Answer> take_answers();

 private:
  class NotingListener;

  const std::uint32_t m_events;
  std::deque<Answer> m_answers;  // used from the front; addresses stay
  std::size_t m_used = 0;
  Answer* m_ending = nullptr;  // used on the real transport's thread only
  const std::unique_ptr<transport::Transport> m_real;
};

}  // namespace inferometer::precision
