#!/bin/sh
# Fails once as wine does when its fixed page is taken, then is wine. $LATE is the mark.
if [ ! -e "$LATE" ]; then
  touch "$LATE"
  echo "err:virtual:virtual_alloc_first_teb wine: failed to map the shared user data: c0000018" >&2
  exit 1
fi
PATH=${PATH#*:} exec wine "$@"
