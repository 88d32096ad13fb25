#!/usr/bin/env bash
# Ends a broker that up.sh or up3.sh started, by its pid, and starts it again on its data.
# Usage: hack/kafka/restart.sh SIGNAL NAME   (SIGNAL is TERM or KILL)
set -euo pipefail
source "$(dirname "$0")/lib.sh"

home=$root/build/$2
runs "$home" || { echo "broker $2 does not run" >&2; exit 1; }
end "$home" "$1" 60
begin "$home"
await "$home" 300 # after a kill the broker reads its logs again
