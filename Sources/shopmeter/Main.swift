internal import Foundation
internal import Glibc

@main
enum Main {
    static func main() async {
        // A reader that went away shows as an error of the write.
        signal(SIGPIPE, SIG_IGN)
        let program = Program(environment: ProcessInfo.processInfo.environment)
        exit(await program.run(Array(CommandLine.arguments.dropFirst())))
    }
}
