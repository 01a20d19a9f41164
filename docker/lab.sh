# Sourced by the scripts that measure, with `root` set.

# Prints a Python that has pymongo, in an environment of its own below .build.
python_with_pymongo() {
    local environment="$root/.build/faults-python"
    "$root/docker/packages.sh" python3 python3-venv
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -c 'import pymongo' 2>/dev/null || "$environment/bin/python" -m pip install --quiet pymongo >&2
    echo "$environment/bin/python"
}

# Prints a Python that has a package of PyPI's, in an environment of its own below .build.
python_with() {
    local environment="$root/.build/python-${1%%=*}"
    "$root/docker/packages.sh" python3 python3-venv
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet "$1" >&2
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
