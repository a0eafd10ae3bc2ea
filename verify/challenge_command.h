// `verify challenge new`: the nonce that a run has to carry.

#ifndef VERIFY_CHALLENGE_COMMAND_H_
#define VERIFY_CHALLENGE_COMMAND_H_

namespace bitnet::verify {

// Runs `verify challenge ...`; argv[0] is the program and argv[1] "challenge". Returns the exit code: 0 done, 2 wrong
// usage or a file that cannot be written.
int RunChallengeCommand(int argc, char** argv);

}  // namespace bitnet::verify

#endif  // VERIFY_CHALLENGE_COMMAND_H_
