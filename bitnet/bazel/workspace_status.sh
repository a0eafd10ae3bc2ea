#!/bin/sh
# Facts about the source tree for receipts (evidence.build); read by the genrule //xtask:source_stamp_gen. A tree whose
# state git cannot tell is not clean.
commit=$(git rev-parse HEAD 2>/dev/null) || commit=unknown
state=dirty
if changes=$(git status --porcelain 2>/dev/null) && [ -z "$changes" ]; then state=clean; fi
echo "STABLE_GIT_COMMIT $commit"
echo "STABLE_GIT_STATE $state"
