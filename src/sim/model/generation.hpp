#pragma once

#include "sim/model/behaviour.hpp"
#include "sim/model/latency.hpp"
#include "sim/model/provider.hpp"
#include "sim/model/renderer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::sim {

/// One answer of the simulated model: which bytes follow which, and after which delays. Uses
/// neither sockets nor a clock. Not thread-safe.
class Generation {
 public:
  /// What comes after a step.
  enum class Next {
    wait,   ///< the next step, after gap()
    now,    ///< the next step, as soon as the client has taken the bytes
    end,    ///< nothing: the answer is complete
    hang,   ///< nothing ever
    reset,  ///< the connection is reset
    cut,    ///< the connection ends in the middle of a chunk
  };

  /// A request that is not streamed must have no fault of those that happen in streams.
  /// `cached_tokens` of the prompt need not be computed.
  Generation(Ask ask, Behaviour behaviour, const Profile& profile,
             std::unique_ptr<Renderer> renderer, Random random, std::uint64_t cached_tokens = 0);

  [[nodiscard]] bool streamed() const { return m_ask.stream; }

  /// The body goes out compressed.
  [[nodiscard]] bool compressed() const { return has(Fault::gzip); }
  [[nodiscard]] HeadTiming head() const { return m_behaviour.head; }
  [[nodiscard]] const Writes& writes() const { return m_behaviour.writes; }

  /// The time from the request to the first step, and from one step to the next. `load` stretches
  /// them: it is at least 1.
  [[nodiscard]] Duration first_delay(double load);
  [[nodiscard]] Duration gap(double load);

  /// What goes out with the response's head, before the first step.
  void prologue(Frames& out);

  /// The next event with all that belongs to it; of an answer that is not streamed, its whole body
  /// in the last step.
  [[nodiscard]] Next step(Frames& out);

  /// What the answer has used until now.
  [[nodiscard]] Usage usage() const;

  /// Why the model stopped; nothing while it goes on, or if it broke off.
  [[nodiscard]] std::optional<FinishReason> finished() const { return m_finished; }

 private:
  Next step_stream(Frames& out);
  Next disturb(Frames& out);
  Next fail(Frames& out, ErrorKind kind);
  Next break_event(Frames& out);
  Next insert_text(Frames& out, std::string_view text);
  Next decline(Frames& out);
  Next filter(Frames& out);
  Next lengthen_line(Frames& out);
  void emit(Frames& out);
  void set_text(std::uint64_t count);
  void conclude(Frames& out);
  [[nodiscard]] std::uint64_t next_tokens() const;
  [[nodiscard]] TextKind next_kind() const;
  [[nodiscard]] bool has(Fault fault) const { return m_behaviour.fault == fault; }

  Ask m_ask;
  Behaviour m_behaviour;
  Distribution m_ttft;
  Distribution m_itl;
  std::unique_ptr<Renderer> m_renderer;
  Random m_random;
  AnswerText m_thoughts;  ///< what the reasoning says
  FinishReason m_reason = FinishReason::stop;
  std::uint64_t m_total = 0;      ///< output tokens, reasoning included
  std::uint64_t m_reasoning = 0;  ///< how many of them are reasoning
  std::uint64_t m_emitted = 0;
  std::uint64_t m_cached;  ///< of the prompt's tokens
  std::optional<FinishReason> m_finished;
  std::optional<std::uint64_t> m_disturb_at;  ///< the tokens after which the fault happens
  std::size_t m_line_left = 0;                ///< of a long line
  bool m_opened = false;
  std::string m_text;  ///< kept for its memory
};

}  // namespace inferometer::sim
