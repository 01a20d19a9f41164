# Sourced by the scripts that measure, with `root` set.

# Prints a Python that has these packages of PyPI's, in an environment of its own below .build.
python_with() {
    local environment="$root/.build/python"
    "$root/docker/packages.sh" python3 python3-venv
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
    echo "$environment/bin/python"
}

# Builds in release, and prints the program.
release_program() {
    swift build --package-path "$root" -c release --product shopmeter --explicit-target-dependency-import-check error >&2
    echo "$root/.build/release/shopmeter"
}

# Prints the option --binary with the program built in release; nothing when the arguments have the option.
binary_option() {
    case " $* " in
        *" --binary "* | *" --binary="*) ;;
        *) echo "--binary=$(release_program)" ;;
    esac
}

# Runs the script of Python that has the caller's name, on a program built in release unless the arguments name one.
#   measure PYTHON ARGUMENT…
measure() {
    local python=$1 binary
    shift
    SHOPMETER_MONGOD=$("$root/docker/mongod.sh")
    export SHOPMETER_MONGOD
    binary=$(binary_option "$@")
    exec "$python" "$root/docker/$(basename "$0" .sh).py" ${binary:+"$binary"} "$@"
}
