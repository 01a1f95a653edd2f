#!/bin/sh
# Fails twice, in the two ways in which wine does now and then, then is wine. $LATE counts.
echo >> "$LATE"
case $(wc -l < "$LATE") in
1) echo "err:virtual:virtual_alloc_first_teb wine: failed to map the shared user data: c0000018" >&2 ;;
2) echo "wine client error:0: recvmsg: Connection reset by peer" >&2 ;;
*) PATH=${PATH#*:} exec wine "$@" ;;
esac
exit 1
