#include "xtask/roofline.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bitnet::xtask {
namespace {

constexpr double kWidth = 760, kHeight = 430;
constexpr double kLeft = 70, kRight = 20, kTop = 20, kBottom = 60;

// A logarithmic axis over whole decades.
struct Axis {
  int low = 0, high = 1;      // powers of ten
  double begin = 0, end = 1;  // where these are drawn

  double At(double value) const { return begin + (std::log10(value) - low) / (high - low) * (end - begin); }
};

Axis Decades(double least, double most, double begin, double end) {
  Axis axis{.low = static_cast<int>(std::floor(std::log10(least))),
            .high = static_cast<int>(std::ceil(std::log10(most))),
            .begin = begin,
            .end = end};
  if (axis.high == axis.low) ++axis.high;
  return axis;
}

std::string Power(int exponent) {
  return exponent >= 0 ? absl::StrFormat("%.0f", std::pow(10, exponent))
                       : absl::StrFormat("%.*f", -exponent, std::pow(10, exponent));
}

std::string Grid(const Axis& x, const Axis& y) {
  std::string out;
  for (int i = x.low; i <= x.high; ++i) {
    const double at = x.At(std::pow(10, i));
    absl::StrAppendFormat(&out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", at, y.begin,
                          at, y.end);
    absl::StrAppendFormat(&out, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", at,
                          y.begin + 18, Power(i));
  }
  for (int i = y.low; i <= y.high; ++i) {
    const double at = y.At(std::pow(10, i));
    absl::StrAppendFormat(&out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", x.begin, at,
                          x.end, at);
    absl::StrAppendFormat(&out, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                          x.begin - 8, at + 4, Power(i));
  }
  absl::StrAppendFormat(
      &out, "<text class=\"axis\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">operations per byte read</text>\n",
      (x.begin + x.end) / 2, kHeight - 14);
  absl::StrAppendFormat(&out,
                        "<text class=\"axis\" transform=\"translate(18 %.1f) rotate(-90)\" "
                        "text-anchor=\"middle\">10⁹ operations per second</text>\n",
                        (y.begin + y.end) / 2);
  return out;
}

std::string Roof(const Roofs& roofs, const Axis& x, const Axis& y) {
  const double ridge = roofs.int8_gops / roofs.read_gbps;
  const double from = std::pow(10, x.low), to = std::pow(10, x.high);
  const auto at = [&](double intensity) {
    return absl::StrFormat("%.1f,%.1f", x.At(intensity), y.At(RoofGops(roofs, intensity)));
  };
  std::string out = absl::StrCat("<polyline class=\"roof\" points=\"", at(from), " ", at(std::clamp(ridge, from, to)),
                                 " ", at(to), "\"/>\n");
  // Above the middle of the slope and along it; the axes have different scales, hence the angle.
  const double middle = std::sqrt(from * std::clamp(ridge, from, to));
  const double angle = std::atan2(y.At(10) - y.At(1), x.At(10) - x.At(1)) * 180 / std::acos(-1.0);
  absl::StrAppendFormat(&out,
                        "<text class=\"rooflabel\" transform=\"translate(%.1f %.1f) rotate(%.1f)\" "
                        "text-anchor=\"middle\">%.1f GB/s</text>\n",
                        x.At(middle) - 6, y.At(RoofGops(roofs, middle)) - 8, angle, roofs.read_gbps);
  absl::StrAppendFormat(&out, "<text class=\"rooflabel\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">int8 %.0f</text>\n",
                        x.end - 4, y.At(roofs.int8_gops) - 7, roofs.int8_gops);
  return out;
}

}  // namespace

double RoofGops(const Roofs& roofs, double intensity) { return std::min(roofs.read_gbps * intensity, roofs.int8_gops); }

std::string RooflineSvg(const Roofs& roofs, const std::vector<RooflinePoint>& points) {
  const double ridge = roofs.int8_gops / roofs.read_gbps;
  double least = std::min(1.0, ridge / 10), most = ridge * 10, slowest = roofs.int8_gops,
         fastest = roofs.int8_gops * 1.5;
  for (const RooflinePoint& point : points) {
    least = std::min(least, point.intensity);
    most = std::max(most, point.intensity);
    slowest = std::min(slowest, point.gops);
    fastest = std::max(fastest, point.gops);
  }
  slowest = std::min(slowest, RoofGops(roofs, least));
  const Axis x = Decades(least, most, kLeft, kWidth - kRight);
  const Axis y = Decades(slowest, fastest, kHeight - kBottom, kTop);
  std::string out = absl::StrFormat(
      "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"Roofline: operations per second over operations per "
      "byte\">\n",
      kWidth, kHeight);
  absl::StrAppend(&out, Grid(x, y), Roof(roofs, x, y));
  for (const RooflinePoint& point : points) {
    const double px = x.At(point.intensity), py = y.At(point.gops);
    if (point.prefill) {
      absl::StrAppendFormat(&out, "<rect class=\"prefill\" x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\"/>\n",
                            px - 5, py - 5);
    } else {
      absl::StrAppendFormat(&out, "<circle class=\"decode\" cx=\"%.1f\" cy=\"%.1f\" r=\"5.5\"/>\n", px, py);
    }
    // Beside and above, or below: points of the two phases often have the same place.
    absl::StrAppendFormat(&out, "<text class=\"number\" x=\"%.1f\" y=\"%.1f\">%d</text>\n", px + 7,
                          py + (point.prefill ? -4 : 13), point.number);
  }
  absl::StrAppend(&out, "</svg>\n");
  return out;
}

}  // namespace bitnet::xtask
