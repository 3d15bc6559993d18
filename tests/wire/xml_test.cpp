#include "wire/xml.hpp"

#include <doctest/doctest.h>

#include <string>

namespace inferometer::wire {

TEST_CASE("xml: the text at a path is read") {
  const std::string document =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<A xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
      "  <B>\n    <C>one</C>\n    <D a='1' b=\"2\"/>\n    <E >t&amp;w&lt;o&gt;&quot;&apos;</E >\n"
      "  </B>\n  <C>other</C>\n</A>\n";
  CHECK(xml_text(document, "A/B/C") == "one");
  CHECK(xml_text(document, "A/C") == "other");
  CHECK(xml_text(document, "A/B/D").value_or("none").empty());
  CHECK(xml_text(document, "A/B/E") == "t&w<o>\"'");
  for (const char* path : {"", "A/B/X", "B/C", "A/B/C/D", "C", "a/b/c"}) {
    CAPTURE(path);
    CHECK_FALSE(xml_text(document, path));
  }
}

TEST_CASE("xml: what is not well-formed has no text") {
  for (const char* document :
       {"", "text", "<A>x", "<A>x</B>", "<A>x</A></A>", "<A>x</A><A>x</A>", "<A>x</A>y", "</A>",
        "<A>x</A", "<A><B>x</A></B>", "<A a>x</A>", "<A a=1>x</A>", "<A a=\"1>x</A>", "<1>x</1>",
        "<>x</>", "< A>x</A>", "<A>y<A>x</A></A>", "<?xml <A>x</A>", "{\"A\":\"x\"}"}) {
    CAPTURE(document);
    CHECK_FALSE(xml_text(document, "A"));
  }
}

TEST_CASE("xml: document types and entities and all else are refused") {
  for (const char* document :
       {"<!DOCTYPE A [<!ENTITY e \"x\">]><A>&e;</A>", "<A>&e;</A>", "<A>&#120;</A>", "<A>&amp</A>",
        "<A><![CDATA[x]]></A>", "<A><!-- c -->x</A>", "<A><?pi x?>x</A>"}) {
    CAPTURE(document);
    CHECK_FALSE(xml_text(document, "A"));
  }
}

TEST_CASE("xml: an element that stands twice is none and depth is bounded") {
  CHECK_FALSE(xml_text("<A><B>1</B><B>2</B></A>", "A/B"));
  const auto nested = [](int depth) {
    std::string text = "x";
    for (int i = 0; i < depth; ++i) {
      text = "<A>" + text + "</A>";
    }
    return text;
  };
  const std::string path = "A/A/A/A/A/A/A/A/A/A/A/A/A/A/A/A";
  CHECK(xml_text(nested(16), path) == "x");
  CHECK_FALSE(xml_text(nested(17), path + "/A"));
}

}  // namespace inferometer::wire
