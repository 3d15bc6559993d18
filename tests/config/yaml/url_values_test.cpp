#include "config/yaml/url_values.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::config {

TEST_CASE("a listen address is a host and a port") {
  for (const std::string_view text : {"localhost:0", "0.0.0.0:9840", "[::1]:9840", ":65535",
                                      "[fe80::1%eth0]:1", "my-host.example_1.com:80"}) {
    CHECK(parse_listen_address(text) == std::string(text));
  }
  for (const std::string_view text : {"",
                                      ":",
                                      "localhost",
                                      "9840",
                                      "localhost:",
                                      "localhost:65536",
                                      "localhost:-1",
                                      "localhost:+1",
                                      "localhost:80x",
                                      "localhost:http",
                                      "::1:9840",
                                      "[::1]",
                                      "[::1]9840",
                                      "[]:80",
                                      "[1]:80",
                                      "a b:80",
                                      "a/b:80",
                                      "http://a:80",
                                      "[::1:80",
                                      "::1]:80",
                                      "[::1]]:80"}) {
    CHECK_MESSAGE(!parse_listen_address(text).has_value(), text);
  }
}

TEST_CASE("a host name has neither scheme nor port and its case does not matter") {
  CHECK(parse_host_name("LLM.Example_1.com") == "llm.example_1.com");
  CHECK(parse_host_name("10.0.0.1") == "10.0.0.1");
  CHECK(parse_host_name("[FE80::1]") == "[fe80::1]");
  for (const std::string_view text :
       {"", "a:80", "http://a", "a/b", "*.a", "::1", "a b", "a,b", "[]", "[a]"}) {
    CHECK_MESSAGE(!parse_host_name(text).has_value(), text);
  }
}

TEST_CASE("a base URL keeps everything but its trailing slashes") {
  CHECK(parse_base_url("https://api.example.com") == "https://api.example.com");
  CHECK(parse_base_url("http://a:1/") == "http://a:1");
  CHECK(parse_base_url("http://[::1]:65535/v1//") == "http://[::1]:65535/v1");
  CHECK(parse_base_url("http://a/b/c%20d/~e") == "http://a/b/c%20d/~e");
}

TEST_CASE("a URL that is not one of a host is refused") {
  for (const std::string_view text : {"",
                                      "a",
                                      "//a",
                                      "http:/a",
                                      "http://",
                                      "http:///",
                                      "http://:80",
                                      "http:// ",
                                      "http://a b",
                                      "ftp://a",
                                      "HTTP://a",
                                      "http https://a",
                                      "http://a:",
                                      "http://a:0",
                                      "http://a:65536",
                                      "http://a:b",
                                      "http://[::1",
                                      "http://a?b",
                                      "http://a#b",
                                      "http://a/b?c",
                                      "http://a/b#c",
                                      "http://u@a",
                                      "http://u:p@a",
                                      "http://@a",
                                      "http://a/\x01",
                                      "http://a/ü",
                                      "http://a\\b",
                                      "http://a,b",
                                      "http://{model}",
                                      "http://{model}/v1",
                                      "http://a:{model}/v1",
                                      "http://a/{Model}",
                                      "http://a/{model",
                                      "http://a/model}",
                                      "http://a/{{model}}",
                                      "http://a/{}",
                                      "{model}",
                                      "{model}://a/b",
                                      "http://a?{model}"}) {
    CHECK_MESSAGE(!parse_base_url(text).has_value(), text);
  }
}

TEST_CASE("the path of a base URL may hold the model") {
  for (const std::string_view text : {"https://a/openai/deployments/{model}", "http://a/{model}/b",
                                      "http://a:1/{model}/{model}", "http://a/x{model}y"}) {
    CHECK(parse_base_url(text) == std::string(text));
  }
  CHECK(parse_base_url("http://a/{model}//") == "http://a/{model}");
  CHECK_FALSE(parse_http_url("http://a/{model}").has_value());
  CHECK(parse_http_url("http://a:1/metrics") == "http://a:1/metrics");
}

TEST_CASE("a token URL is https or leads to this machine") {
  for (const std::string_view text :
       {"https://login.example.com/t", "http://localhost/t", "http://LOCALHOST:1",
        "http://[::1]:1/t", "http://127.0.0.1:1/t", "http://127.255.0.9"}) {
    CHECK(parse_token_url(text) == std::string(text));
  }
  for (const std::string_view text :
       {"http://login.example.com/t", "http://127.0.0.1.example.com/t", "http://localhost.evil/t",
        "http://128.0.0.1/t", "http://127.1/t", "http://[::2]/t", "http://[::1%eth0]/t",
        "http://127.0.0.1@evil/t", "ftp://localhost", ""}) {
    CHECK_MESSAGE(!parse_token_url(text).has_value(), text);
  }
}

TEST_CASE("an at sign in the path is no user") {
  CHECK(parse_base_url("http://a/b@c") == "http://a/b@c");
}

TEST_CASE("a proxy URL has more schemes and no path") {
  for (const std::string_view text :
       {"http://proxy:3128", "https://proxy", "socks5://proxy:1080", "socks5h://[::1]:1080"}) {
    CHECK(parse_proxy_url(text) == std::string(text));
  }
  CHECK(parse_proxy_url("http://proxy/") == "http://proxy");
  for (const std::string_view text :
       {"proxy:3128", "socks4://proxy", "http://proxy/path", "http://u:p@proxy", "http://"}) {
    CHECK_MESSAGE(!parse_proxy_url(text).has_value(), text);
  }
}

TEST_CASE("no error repeats the URL") {
  CHECK(parse_base_url("https://user:hunter2@a").error().message.find("hunter2") ==
        std::string::npos);
  CHECK(parse_base_url("hunter2").error().message.find("hunter2") == std::string::npos);
}

}  // namespace inferometer::config
