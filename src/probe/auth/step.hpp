#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "probe/auth/credential.hpp"
#include "protocol/protocol.hpp"
#include "transport/transport.hpp"

#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A credential is got by one exchange or by several, each asking with what the one before gave.
namespace inferometer::probe::auth {

/// What to do about a refusal that has this text in it, such as a code of the service's.
struct Hint {
  std::string_view text;
  std::string_view advice;
};

struct Step;

/// What an answer leads to.
using Next = std::variant<Credential, std::unique_ptr<Step>>;

struct Step {
  /// Takes the whole body under status 200. An error says what the body lacks and repeats nothing
  /// of it.
  using Read = std::function<base::Result<Next>(const transport::ResponseHead&, std::string_view)>;

  transport::Request request;
  std::vector<base::Secret> secrets;  ///< that it carries, and those it was got with
  std::string shown;                  ///< the endpoint as messages name it
  std::string_view wanted = "token";
  Read read;
  std::span<const Hint> hints;  ///< the first that fits is told
  std::string_view late_hint;   ///< what to do where nothing answers
};

using StepResult = tl::expected<Next, protocol::ApiError>;

/// No value means that our own shutdown cut it.
using StepFunction = std::function<void(std::optional<StepResult>)>;

/// Takes the answer to the step's request, which the step may have lost already, and calls `done`
/// once, at its end. A refusal is an auth_error that tells the service's code and message;
/// redirects are errors, and so is an answer of more than 64 KiB or one that takes more than 30 s.
/// Errors show none of the secrets.
[[nodiscard]] std::unique_ptr<transport::Listener> make_step_listener(Step step, StepFunction done);

}  // namespace inferometer::probe::auth
