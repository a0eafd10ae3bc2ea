// The roofline picture (Williams et al., 2009): what each operation reached, under what the machine could give.

#ifndef XTASK_ROOFLINE_H_
#define XTASK_ROOFLINE_H_

#include <string>
#include <vector>

namespace bitnet::xtask {

struct RooflinePoint {
  int number = 0;        // what stands beside it
  bool prefill = false;  // a square; else a circle
  double intensity = 0;  // operations per byte, > 0
  double gops = 0;       // 10^9 operations per second, > 0
};

struct Roofs {
  double read_gbps = 0;  // > 0: the slope on the left
  double int8_gops = 0;  // > 0: the level on the right
};

// 10^9 operations per second that the roofs allow at an intensity.
double RoofGops(const Roofs& roofs, double intensity);

// An <svg> element, both axes logarithmic, classes instead of colours: the page's style sheet gives them.
std::string RooflineSvg(const Roofs& roofs, const std::vector<RooflinePoint>& points);

}  // namespace bitnet::xtask

#endif  // XTASK_ROOFLINE_H_
