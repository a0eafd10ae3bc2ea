#!/bin/sh
# Facts about the source tree for receipts (evidence.build); read by the //bitnet/base:build_info genrule.
echo "STABLE_GIT_COMMIT $(git rev-parse HEAD 2>/dev/null || echo unknown)"
echo "STABLE_GIT_STATE $(test -z "$(git status --porcelain 2>/dev/null)" && echo clean || echo dirty)"
