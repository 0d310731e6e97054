# Runs the command line in its arguments, Postgres, until standard input ends: then asks it for a fast shutdown. Ends with
# Postgres and with its status, so that both sides learn of each other's end, however it comes.
exec 3<&0
"$0" "$@" </dev/null 3<&- & pg=$!
{ read -r _ <&3; kill -INT "$pg"; } 2>/dev/null & watch=$!
wait "$pg"; status=$?
kill "$watch" 2>/dev/null; exit "$status"
