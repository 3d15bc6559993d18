#include "cli/help/manual.hpp"

#include <fmt/format.h>

#include <sstream>

namespace inferometer::cli::help {
namespace {

/// Text as roff takes it: a line may not begin with a control character, and hyphens are to be
/// copied as such.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else if ((c == '.' || c == '\'') && (escaped.empty() || escaped.back() == '\n')) {
      escaped += "\\&";
      escaped += c;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string flag_entry(const Flag& flag) {
  std::string head = flag.short_name.empty() ? "" : fmt::format("{}, ", flag.short_name);
  head += flag.long_name;
  std::string entry = fmt::format(".TP\n\\fB{}\\fR", escape(head));
  if (flag.takes_value) {
    entry += flag.default_value.empty() ? "=\\fIVALUE\\fR"
                                        : fmt::format("=\\fI{}\\fR", escape(flag.default_value));
  }
  return entry + fmt::format("\n{}\n", escape(flag.text));
}

/// A footer is a table that people read in the terminal: its lines stay as they are.
std::string footer_block(const std::string& footer) {
  return footer.empty() ? "" : fmt::format(".PP\n.nf\n{}\n.fi\n", escape(footer));
}

constexpr std::string_view k_files_and_status =
    R"(.SH EXIT STATUS
.TP
0
Good.
.TP
1
A run\-time failure, or an objective that was missed.
.TP
2
Bad usage or configuration.
.SH SIGNALS
SIGHUP reloads the configuration; SIGTERM and SIGINT end the daemon once its open probes have ended.
.SH FILES
.TP
\fI/etc/inferometer/inferometer.yml\fR
The configuration of the packaged service.
.TP
\fI/usr/share/doc/inferometer\fR
Documentation and examples.
.SH SEE ALSO
.BR prometheus (1),
.BR promtool (1)
)";

}  // namespace

std::string to_manual(const std::vector<CommandHelp>& commands, std::string_view version) {
  std::ostringstream page;
  page << fmt::format(".TH INFEROMETER 1 \"\" \"Inferometer {}\" \"User Commands\"\n", version)
       << ".SH NAME\ninferometer \\- measure the latency of LLM APIs for Prometheus\n"
       << ".SH SYNOPSIS\n.B inferometer\n[\\fIFLAG\\fR]...\n";
  for (const CommandHelp& command : commands) {
    if (!command.name.empty()) {
      page << fmt::format(".br\n.B inferometer {}\n[\\fIFLAG\\fR]...\n", escape(command.name));
    }
  }
  page
      << ".SH DESCRIPTION\n"
      << "Without a command, the daemon: it probes what its configuration names and serves what it "
         "measured\nat /metrics.\n";
  for (const CommandHelp& command : commands) {
    page << (command.name.empty() ? std::string(".SH OPTIONS\n")
                                  : fmt::format(".SH \"COMMAND {}\"\n{}.\n", escape(command.name),
                                                escape(command.text)));
    for (const Flag& flag : command.flags) {
      page << flag_entry(flag);
    }
    page << footer_block(command.footer);
  }
  page << k_files_and_status;
  return page.str();
}

}  // namespace inferometer::cli::help
