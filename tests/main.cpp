#define DOCTEST_CONFIG_IMPLEMENT  // by itself, for a header that is precompiled without it
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
