// What logits say about tokens, in binary64 and in one order: a pure function of the logits on one machine.

#ifndef BITNET_EVAL_LOG_LIKELIHOOD_H_
#define BITNET_EVAL_LOG_LIKELIHOOD_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace bitnet {

// The log-softmax of one row of logits: at least one, all finite. Sums from the first to the last.
class LogSoftmax {
 public:
  template <typename T>
  explicit LogSoftmax(std::span<const T> logits)
      : top_(static_cast<double>(*std::max_element(logits.begin(), logits.end()))) {
    double sum = 0;
    for (const T logit : logits) sum += std::exp(static_cast<double>(logit) - top_);
    log_sum_ = std::log(sum);
  }

  // log p of the token with this logit, in nats. Differences first: large logits do not cost the small term its bits.
  double operator()(double logit) const { return (logit - top_) - log_sum_; }

 private:
  double top_;
  double log_sum_ = 0;
};

// -log softmax(logits)[id], in nats. [vocab], finite; id inside.
inline double NegativeLogLikelihood(std::span<const float> logits, size_t id) {
  return -LogSoftmax(logits)(static_cast<double>(logits[id]));
}

// KL(p || q) of p = softmax(reference), q = softmax(candidate), in nats, never below 0, never NaN; infinite where
// logits are so far apart that log q is. Equal sizes, finite.
inline double KlDivergence(std::span<const double> reference, std::span<const double> candidate) {
  const LogSoftmax p(reference), q(candidate);
  double sum = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double log_p = p(reference[i]);
    const double probability = std::exp(log_p);
    if (probability == 0) continue;  // p log p goes to 0, where 0 times an infinite logarithm would not
    sum += probability * (log_p - q(candidate[i]));
  }
  return sum < 0 ? 0 : sum;  // rounding alone can go below
}

}  // namespace bitnet

#endif  // BITNET_EVAL_LOG_LIKELIHOOD_H_
