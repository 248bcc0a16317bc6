#!/bin/sh
# Corosync of one machine of a lab: its own /run and /var/lib/corosync, the machine's network.
set -e
mount -t tmpfs tmpfs /var/lib/corosync
mount -t tmpfs tmpfs /run
exec corosync -f -c "$(dirname "$0")/corosync.conf" 2>/dev/null
