#pragma once

#include <array>

/// The upper bounds of every histogram's buckets. Literals, so that each prints as it is written
/// here. Why these: docs/methodology.md, "Buckets".
namespace inferometer::metrics {

/// {1, 1.5, 2, 3, 5, 7} × 10^k seconds: a quantile is off by at most +67 % or −40 %.
inline constexpr std::array k_ttft_edges{
    0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1,  0.15, 0.2,  0.3,  0.5,   0.7,
    1.0,   1.5,   2.0,  3.0,   5.0,  7.0,  10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 120.0};
inline constexpr std::array k_inter_token_edges{0.0003, 0.0005, 0.0007, 0.001, 0.0015, 0.002, 0.003,
                                                0.005,  0.007,  0.01,   0.015, 0.02,   0.03,  0.05,
                                                0.07,   0.1,    0.15,   0.2,   0.3,    0.5,   0.7,
                                                1.0,    1.5,    2.0,    3.0,   5.0,    7.0,   10.0};
inline constexpr std::array k_duration_edges{0.1,  0.15, 0.2,   0.3,   0.5,   0.7,   1.0,   1.5,
                                             2.0,  3.0,  5.0,   7.0,   10.0,  15.0,  20.0,  30.0,
                                             50.0, 70.0, 100.0, 150.0, 200.0, 300.0, 500.0, 600.0};

/// Up to a dozen for the rest: a series is a cost that the user pays.
inline constexpr std::array k_first_reasoning_edges{0.05, 0.1, 0.2,  0.5,  1.0,
                                                    2.0,  5.0, 10.0, 20.0, 60.0};
inline constexpr std::array k_server_ttft_edges{0.005, 0.02, 0.05, 0.1, 0.2,
                                                0.5,   1.0,  2.0,  5.0, 20.0};
inline constexpr std::array k_round_trip_edges{0.0001, 0.0003, 0.001, 0.003, 0.01,
                                               0.03,   0.1,    0.3,   1.0};
inline constexpr std::array k_per_token_edges{0.001, 0.002, 0.005, 0.01, 0.015, 0.02,
                                              0.03,  0.05,  0.07,  0.1,  0.2,   0.5};
inline constexpr std::array k_speed_edges{2.0,  5.0,   10.0,  20.0,  30.0,
                                          50.0, 100.0, 200.0, 500.0, 1000.0};
inline constexpr std::array k_phase_edges{0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0};
inline constexpr std::array k_own_delay_edges{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
                                              0.01,   0.02,   0.05,   0.1,   1.0,   10.0};
inline constexpr std::array k_error_edges{1e-6,  1e-5,  2e-5, 5e-5, 0.0001, 0.0002, 0.0005,
                                          0.001, 0.005, 0.02, 0.1,  1.0,    10.0};

}  // namespace inferometer::metrics
