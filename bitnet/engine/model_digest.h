// Digests that bind a receipt to a model.

#ifndef BITNET_ENGINE_MODEL_DIGEST_H_
#define BITNET_ENGINE_MODEL_DIGEST_H_

#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"

namespace bitnet {

struct ModelDigests {
  Digest file_sha256;     // of the bytes as mapped
  Digest tensor_root;     // RFC 6962 over leaves in name order; leaf = name, type, shape, stored bytes
  Digest ternary_digest;  // RFC 6962 over TernaryTensorDigest in name order: the same for every repack of one model
  Digest tokenizer_sha256;
};

// Reads the whole file once or twice; the largest part is spread over `pool`.
ModelDigests ComputeModelDigests(const LoadedModel& model, ThreadPool& pool);

}  // namespace bitnet

#endif  // BITNET_ENGINE_MODEL_DIGEST_H_
