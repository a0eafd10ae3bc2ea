// The known-answer digest of the registry: what a build whose kernels compute rightly gets from its self-tests.

#ifndef BITNET_KERNELS_CATALOG_KAT_H_
#define BITNET_KERNELS_CATALOG_KAT_H_

namespace bitnet {

// SelfTestReport::kat_digest (bitnet/kernels/selftest) in hexadecimal. One value for every instruction set, since
// every kernel of an op gives the same bits; the auditor compares receipts with it without linking a kernel. Changes
// with the self-test vectors, with ops.def and with the arithmetic profile, and with nothing else.
inline constexpr char kKatDigestHex[] = "2b4864e14aef64067dfd03881543ded7c964778822c4fbc2de491e37470da817";

}  // namespace bitnet

#endif  // BITNET_KERNELS_CATALOG_KAT_H_
