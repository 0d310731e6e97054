# Keeps a test server as long as a process shares the lock on the file $1, and a little longer; then stops it, empties
# its folder (the working directory) and ends. The rest of the arguments is the server's command line.
exec 9<"$1" || exit 1
shift
"$@" </dev/null 9<&- & pg=$!
(
    idle=0
    while [ "$idle" -lt 10 ]; do
        sleep 2
        if flock -n 9; then
            idle=$((idle + 1))
            # The last time the lock is kept, so that whoever comes now waits until the server is gone.
            [ "$idle" -ge 10 ] || flock -u 9
        else
            idle=0
        fi
    done
    kill -INT "$pg"
) & watch=$!
wait "$pg"
kill "$watch" 2>/dev/null
rm -rf ./* ./.s.*
