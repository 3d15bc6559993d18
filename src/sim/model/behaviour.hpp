#pragma once

#include "base/error.hpp"
#include "sim/model/fault.hpp"
#include "sim/model/latency.hpp"
#include "sim/model/tokens.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace inferometer::sim {

/// When a response's head goes out.
enum class HeadTiming { immediate, with_first_token };

/// Where the chunk that only carries the role goes: vLLM sends it with the first token, OpenAI as
/// soon as it has taken the request.
enum class RoleChunk { with_first_token, early };

/// Where a stream reports its usage.
enum class UsagePlacement {
  trailing,         ///< a chunk of its own with empty choices, if the request asks for usage
  finish,           ///< on the chunk with the finish reason
  every,            ///< on every chunk
  trailing_choice,  ///< a chunk of its own whose choices are not empty
  x_groq,           ///< as x_groq.usage on the chunk with the finish reason
  none,
};

/// Which parts of its counts a usage report names by themselves: cached input and reasoning.
enum class UsageDetails {
  native,  ///< those that the dialect's or the API's own server names
  all,     ///< all that the API has a place for
  none,
};

/// The member of a delta that carries reasoning text; `none` does not show it.
enum class ReasoningField { reasoning_content, reasoning, both, none };

/// The line ending of the event stream; `native` is the API's own.
enum class LineEnding { native, lf, crlf, cr };

/// Whose server speaks OpenAI's Chat Completions.
enum class Dialect { openai, azure, vllm, sglang, tgi, llamacpp, deepseek, openrouter, groq };

/// How the events of a stream are cut into writes; each write is one chunk of HTTP's too.
struct Writes {
  std::uint32_t events = 1;  ///< content events that are held back and written at once
  bool bytewise = false;     ///< each byte is a write of its own
};

/// How a request is answered: the server's defaults, each of which a request may override.
struct Behaviour {
  std::optional<Distribution> ttft;   ///< else the profile's
  std::optional<Distribution> itl;    ///< between two content events; else the profile's
  std::uint32_t output_tokens = 512;  ///< where the model would stop; the request may ask for less
  std::uint32_t tokens_per_chunk = 1;
  std::uint32_t reasoning_tokens =
      0;  ///< how many of the output tokens are reasoning; these go first
  ReasoningField reasoning_field = ReasoningField::reasoning_content;
  UsagePlacement usage = UsagePlacement::trailing;
  UsageDetails usage_details = UsageDetails::native;
  RoleChunk role = RoleChunk::with_first_token;
  HeadTiming head = HeadTiming::immediate;
  LineEnding line_ending = LineEnding::native;
  Dialect dialect = Dialect::openai;  ///< what of it the settings above do not say
  Writes writes;
  bool comments = false;             ///< an SSE comment at once and one before each content event
  bool stamp = false;                ///< each content event says when it was sent
  AnswerText content;                ///< what the answer says
  Tokenizer tokenizer;               ///< how its prompt is counted
  std::uint32_t context_window = 0;  ///< most tokens of prompt and answer together; 0: any number
  bool prefix_cache = true;          ///< prompts are looked up and remembered
  double prefix_cache_speedup = 0;   ///< the share of the TTFT that a fully cached prompt saves
  bool rate_limits = false;          ///< responses tell what is left of the rate limits
  bool retry_after_on_success = false;  ///< even a good answer has the header Retry-After
  std::optional<Fault> fault;
  std::vector<FaultRate> fault_rates;  ///< where `fault` is not set
};

/// Makes `behaviour` that of the servers that speak the dialect: the dialect itself, and the
/// settings that stand for the rest of it, each of which may be set otherwise afterwards.
void adopt_dialect(Behaviour& behaviour, Dialect dialect);

/// The parts of its counts that a usage object of chat completions names.
struct UsageParts {
  bool cached_input = true;
  bool reasoning = true;
};

/// What servers of the behaviour's dialect name, unless `usage_details` says otherwise. vLLM and
/// SGLang name cached input only if started with a flag.
[[nodiscard]] UsageParts usage_parts(const Behaviour& behaviour);

/// A setting of Behaviour as a request header and as text.
struct Setting {
  std::string_view header;  ///< in lower case
  std::string_view values;  ///< what may be written, for help
  std::string_view summary;
  base::Result<void> (*apply)(Behaviour& behaviour, std::string_view value);
};

/// Every setting: serves the request headers, the command line and help.
[[nodiscard]] std::span<const Setting> settings();

/// No answer is longer, whatever is asked for.
inline constexpr std::uint32_t k_most_output_tokens = 1'000'000;

/// All headers of the simulator begin with it, in lower case.
inline constexpr std::string_view k_setting_prefix = "x-sim-";

/// Sets what the header `name` (in lower case, with the prefix) stands for. The error says which
/// names or values there are; `behaviour` is unchanged then.
[[nodiscard]] base::Result<void> apply_setting(Behaviour& behaviour, std::string_view name,
                                               std::string_view value);

}  // namespace inferometer::sim
