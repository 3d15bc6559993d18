#include "e2e/system.hpp"

#include "fakes/eventually.hpp"
#include "fakes/raw_http_client.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <regex>

namespace inferometer::e2e {
namespace {

std::vector<std::string> with(std::vector<std::string> argv, const std::vector<std::string>& more) {
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

/// Waits for the port that the program logs behind `key`.
std::uint16_t port_in_log(fakes::Process& process, const std::string& key) {
  std::smatch match;
  const std::regex pattern(key + "(\\d+)");
  std::string output;
  const bool found = eventually([&] {
    output = process.output();
    return std::regex_search(output, match, pattern) || process.exit_status();
  });
  if (!found || match.empty()) {
    throw std::runtime_error("the program did not start: " + process.output());
  }
  return static_cast<std::uint16_t>(std::stoi(match[1]));
}

std::uint16_t free_port() {
  return fakes::ReservedPort().number();
}

}  // namespace

HttpReply http(std::string_view method, std::uint16_t port, std::string_view path,
               std::string_view headers) {
  fakes::RawHttpClient client(port);
  client.send(
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                  "{}Content-Length: 0\r\n\r\n",
                  method, path, headers));
  const fakes::RawResponse response = client.read_response();
  if (!response.complete) {
    throw std::runtime_error(fmt::format("no whole answer to {} {}", method, path));
  }
  return {response.status, response.body};
}

bool eventually(const std::function<bool()>& condition, std::chrono::seconds patience) {
  return fakes::eventually(condition, patience, std::chrono::milliseconds(20));
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::vector<std::string> inferometer(const std::vector<std::string>& arguments) {
  return with({INFEROMETER_BINARY}, arguments);
}

Finished run(std::vector<std::string> argv) {
  fakes::Process process(std::move(argv));
  const std::optional<int> status = process.wait_for_exit(std::chrono::seconds(30));
  if (!status) {
    throw std::runtime_error("the program does not end: " + process.output());
  }
  return {*status, process.output()};
}

Simulator::Simulator(const std::vector<std::string>& arguments)
    : m_process(inferometer(with({"sim", "--listen", "127.0.0.1:0"}, arguments))),
      m_port(port_in_log(m_process, "msg=simulating port=")) {}

std::string Simulator::url(std::string_view profile) const {
  return fmt::format("http://127.0.0.1:{}/{}/v1", m_port, profile);
}

Daemon::Daemon(const TemporaryFolder& folder, std::string_view configuration,
               const std::vector<std::string>& arguments)
    : m_process(inferometer(with({"--config.file", folder.write("inferometer.yml", configuration),
                                  "--web.listen-address", "127.0.0.1:0"},
                                 arguments))),
      m_port(port_in_log(m_process, "msg=serving address=127.0.0.1:")) {}

std::optional<double> Daemon::sample(std::string_view series) const {
  const std::string text = "\n" + metrics();
  const std::size_t at = text.find("\n" + std::string(series) + " ");
  if (at == std::string::npos) {
    return std::nullopt;
  }
  return std::stod(text.substr(at + series.size() + 2));
}

Prometheus::Prometheus(const TemporaryFolder& folder, std::uint16_t target,
                       std::string_view features)
    : m_port(free_port()),
      m_process({"prometheus",
                 "--config.file=" + folder.write(fmt::format("prometheus-{}.yml", m_port),
                                                 fmt::format("global: {{scrape_interval: 1s}}\n"
                                                             "scrape_configs:\n"
                                                             "  - job_name: inferometer\n"
                                                             "    static_configs:\n"
                                                             "      - targets: ['127.0.0.1:{}']\n",
                                                             target)),
                 "--storage.tsdb.path=" + folder.path(fmt::format("prometheus-{}", m_port)),
                 fmt::format("--enable-feature={}", features),
                 fmt::format("--web.listen-address=127.0.0.1:{}", m_port)}) {
  m_process.wait_until_listening(m_port);
  if (!eventually([this] { return http("GET", m_port, "/-/ready").status == 200; })) {
    throw std::runtime_error("Prometheus does not get ready: " + m_process.output());
  }
}

nlohmann::json Prometheus::get(std::string_view path) const {
  const auto json = nlohmann::json::parse(http("GET", m_port, path).body);
  if (json.at("status") != "success") {
    throw std::runtime_error(fmt::format("Prometheus refused {}: {}", path, json.dump()));
  }
  return json.at("data");
}

std::map<std::string, double> Prometheus::query(std::string_view expression) const {
  const auto data = get("/api/v1/query?query=" + percent_encoded(expression));
  std::map<std::string, double> values;
  for (const auto& series : data.at("result")) {
    std::string labels;
    for (const auto& [name, value] : series.at("metric").items()) {
      if (name != "__name__" && name != "instance" && name != "job") {
        labels += fmt::format("{}{}={}", labels.empty() ? "" : ",", name, value.get<std::string>());
      }
    }
    values[labels] = std::stod(series.at("value").at(1).get<std::string>());
  }
  return values;
}

std::optional<double> Prometheus::value(std::string_view expression) const {
  const std::map<std::string, double> values = query(expression);
  return values.size() == 1 ? std::optional(values.begin()->second) : std::nullopt;
}

}  // namespace inferometer::e2e
