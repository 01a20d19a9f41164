/// The steps without those that the failure does not need, with what fails of them; nil where the steps do not fail.
func shortest<Step>(_ steps: [Step], failure: ([Step]) -> String?) -> (steps: [Step], failure: String)? {
    guard var failed = failure(steps) else { return nil }
    var (steps, index) = (steps, 0)
    while index < steps.count {
        var fewer = steps
        fewer.remove(at: index)
        // Without one step, those before it may not be needed either.
        if let other = failure(fewer) { (steps, failed, index) = (fewer, other, 0) } else { index += 1 }
    }
    return (steps, failed)
}
