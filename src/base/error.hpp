#pragma once

#include <tl/expected.hpp>

#include <string>

namespace inferometer::base {

/// What went wrong, where, and what to do about it: one sentence that a user can act on.
struct Error {
  std::string message;
};

/// A value or the reason why there is none; for everything that can fail at run time.
template <typename Value>
using Result = tl::expected<Value, Error>;

/// The failed Result of any type: `return fail("…")`.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string message) {
  return tl::make_unexpected(Error{std::move(message)});
}

}  // namespace inferometer::base
