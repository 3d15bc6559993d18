#include "scrape/scraper.hpp"

#include "config/secret_source.hpp"
#include "scrape/exposition_reader.hpp"
#include "scrape/mapping.hpp"
#include "scrape/scrape_states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace inferometer::scrape {
namespace {

using base::MonotonicTime;
using transport::Ending;
using transport::Flow;

constexpr base::Duration k_longest = std::chrono::seconds(10);

transport::Request make_request(const config::Provider& provider, base::Secret password) {
  transport::Request request;
  request.method = transport::Method::get;
  request.url = provider.server_metrics->url;
  request.headers = {{"Accept", "text/plain;version=0.0.4"}};
  request.connection = config::ConnectionPolicy::reuse;
  request.http_version = provider.http_version;
  request.tls = provider.tls;
  request.proxy = provider.proxy;
  request.proxy_password = std::move(password);
  return request;
}

/// What to do about a status, where a kind of server is known for it.
std::string_view advice(config::ServerKind kind, int status) {
  if (status >= 300 && status < 400) {
    return ": redirects are not followed, set server_metrics.url to where it points";
  }
  if (kind == config::ServerKind::llamacpp && status == 501) {
    return ": llama-server shows metrics only if started with --metrics";
  }
  if (kind == config::ServerKind::sglang && status == 404) {
    return ": SGLang shows metrics only if started with --enable-metrics";
  }
  if (status == 401 || status == 403) {
    return ": no credential is sent to server_metrics.url, it must be open to us";
  }
  return "";
}

std::string describe(const transport::Report& report) {
  switch (report.ending) {
    case Ending::complete:
    case Ending::stopped:
    case Ending::cancelled:
      break;
    case Ending::dns_error:
      return "the name does not resolve: " + report.message;
    case Ending::connect_error:
      return "no connection: " + report.message;
    case Ending::tls_error:
      return "TLS failed: " + report.message;
    case Ending::lost:
      return "the connection was lost: " + report.message;
    case Ending::refused:
      return "the server refused the request: " + report.message;
    case Ending::protocol_error:
      return "the answer is not valid HTTP: " + report.message;
    case Ending::internal_error:
      return "the request could not be made: " + report.message;
  }
  return report.message;
}

/// One scrape while it runs.
class Fetch final : public transport::Listener {
 public:
  Fetch(Scrape scrape, std::uint64_t number, base::Duration limit, const base::Clock& clock,
        std::shared_ptr<Memory> memory, Scraper::Completion completion)
      : m_scrape(std::move(scrape)),
        m_number(number),
        m_limit(limit),
        m_clock(clock),
        m_memory(std::move(memory)),
        m_completion(std::move(completion)) {}

  void on_started(MonotonicTime now) override {
    m_deadline = now + m_limit;
    m_scrape.scraped_at = m_clock.wall_now();
  }

  void on_request_begin(MonotonicTime /*now*/) override {}

  Flow on_head(transport::ResponseHead head, const transport::Arrival& /*arrival*/) override {
    if (head.status == 200) {
      return Flow::go_on;
    }
    return fail(fmt::format("HTTP {}{}", head.status, advice(m_scrape.kind, head.status)));
  }

  Flow on_body(std::string_view bytes, const transport::Arrival& /*arrival*/) override {
    if (bytes.size() > k_max_page_bytes - m_page.size()) {
      return fail(fmt::format("the page of metrics has over {} bytes", k_max_page_bytes));
    }
    m_page.append(bytes);
    return Flow::go_on;
  }

  [[nodiscard]] MonotonicTime deadline() const override { return m_deadline; }

  void on_deadline(MonotonicTime /*now*/) override {
    fail(fmt::format("no whole answer within {} s", base::seconds(m_limit)));
  }

  void on_end(const transport::Report& report) override {
    m_scrape.duration = report.ended - report.started;
    std::optional<Reading> reading;
    if (report.ending == Ending::complete && m_scrape.error.empty()) {
      base::Result<Reading> result = read_page(m_scrape.kind, m_page);
      if (result) {
        reading = *std::move(result);
      } else {
        m_scrape.error = std::move(result.error().message);
      }
    } else if (m_scrape.error.empty()) {
      m_scrape.error = describe(report);
    }
    const bool wanted = m_memory->end(m_scrape.provider, m_number, reading ? &*reading : nullptr);
    if (!wanted || report.ending == Ending::cancelled) {
      return;
    }
    if (reading) {
      m_scrape.figures = reading->figures;
    }
    m_completion(std::move(m_scrape));
  }

 private:
  Flow fail(std::string error) {
    m_scrape.error = std::move(error);
    return Flow::stop;
  }

  Scrape m_scrape;
  const std::uint64_t m_number;
  const base::Duration m_limit;
  const base::Clock& m_clock;
  const std::shared_ptr<Memory> m_memory;
  const Scraper::Completion m_completion;
  MonotonicTime m_deadline = MonotonicTime::max();
  std::string m_page;
};

}  // namespace

Scraper::Scraper(transport::Transport& transport, const base::Clock& clock)
    : m_transport(transport), m_clock(clock), m_memory(std::make_shared<Memory>()) {}

Scraper::~Scraper() = default;

bool Scraper::start(const config::Provider& provider, Completion completion) {
  const config::ServerMetrics& server = *provider.server_metrics;
  const std::optional<std::uint64_t> number = m_memory->begin(provider.name, server);
  if (!number) {
    return false;
  }
  Scrape scrape{.provider = provider.name,
                .kind = server.kind,
                .figures = {},
                .error = {},
                .duration = {},
                .scraped_at = m_clock.wall_now()};
  base::Result<base::Secret> password = config::read_secret(provider.proxy.password);
  if (!password) {
    scrape.error = std::move(password.error().message);
    if (m_memory->end(provider.name, *number, nullptr)) {
      completion(std::move(scrape));
    }
    return true;
  }
  m_transport.start(
      make_request(provider, *std::move(password)),
      std::make_unique<Fetch>(std::move(scrape), *number, std::min(k_longest, server.interval),
                              m_clock, m_memory, std::move(completion)));
  return true;
}

void Scraper::keep(const std::vector<config::Provider>& providers) {
  std::set<std::string> names;
  for (const config::Provider& provider : providers) {
    names.insert(provider.name);
  }
  m_memory->keep(names);
}

}  // namespace inferometer::scrape
