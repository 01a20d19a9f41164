import Testing

@testable import shopmeter

@Suite struct MachineCheckTests {
    @Test(arguments: [(20_000_000, 4_096, 78_125), (256, 4_096, 1), (255, 4_096, 0), (1_048_576, 512, 512)] as [(UInt64, UInt64, UInt64)])
    func `What is left on a disk is told in megabytes`(blocks: UInt64, bytes: UInt64, megabytes: UInt64) {
        #expect(MachineCheck.megabytes(blocks: blocks, of: bytes) == megabytes)
    }
}
