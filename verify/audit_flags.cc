#include "verify/audit_flags.h"

namespace bitnet::verify {

void AddAuditFlags(CLI::App& app, AuditRequest& request, CommitmentFlag commitment) {
  app.add_option("--policy", request.policy, "policy file; without it a receipt must reach L1, a bundle L3")
      ->type_name("FILE");
  app.add_option("--level", request.level, "level to audit at; not below that of --policy")->type_name("L0..L4");
  app.add_option("--key", request.keys,
                 "public key to trust, PEM; with a policy that has keys, one of them (asks for L3)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--ledger", request.ledger,
                 "nonces already taken; an accepted one is appended before the verdict is given (asks for L3)")
      ->type_name("FILE");
  CLI::Option* model =
      app.add_option("--model", request.model, "model file; its digests are computed and compared (asks for L2)")
          ->type_name("FILE");
  CLI::Option* file = nullptr;
  if (commitment == CommitmentFlag::kGiven) {
    file = app.add_option("--commitment", request.commitment,
                          "what the receipt's trace commits to, as xtask wrote it (asks for L2)")
               ->type_name("FILE");
  }
  CLI::Option* replay =
      app.add_flag("--replay", request.replay, "compute the run again and compare every position (asks for L4)")
          ->needs(model);
  CLI::Option* independent =
      app.add_flag("--independent", request.independent,
                   "and once more by code that shares nothing with the engine (implies --replay)")
          ->needs(model);
  if (file != nullptr) {
    replay->needs(file);
    independent->needs(file);
  }
  app.add_option("--sample", request.sample, "there, logits of only so many choices: never an ACCEPT")
      ->needs(independent)
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 32));
  app.add_option("--replay-isa", request.replay_isa,
                 "instruction set of the replay; \"other\" is the best but the receipt's own")
      ->capture_default_str()
      ->type_name("ISA");
  app.add_option("-t,--threads", request.threads, "workers for hashing and replay (default: one per core)")
      ->check(CLI::Range(1, 1024));
  app.add_flag("--strict", request.strict, "accept nothing that was not measured, and no build that names no commit");
}

}  // namespace bitnet::verify
