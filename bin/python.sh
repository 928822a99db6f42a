# Sourced by the commands beside it.

find_python() {
  local candidate candidates=(python3.13 python3.12 python3.11 python3)
  if [ -n "${PYTHON:-}" ]; then
    candidates=("$PYTHON")
  fi
  for candidate in "${candidates[@]}"; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  echo "BookedBarber needs Python 3.11 or newer${PYTHON:+ (PYTHON=$PYTHON is not)}:" \
    "install it, or set PYTHON to its path." >&2
  return 1
}
