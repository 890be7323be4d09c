// Package ablate trains many models that differ in a few settings, on one text, and measures what each
// setting is worth.
//
// A [Plan] lists the [Variant]s. The first is the baseline. [Plan.Run] trains each variant with each of its
// seeds, several at a time with one thread each, and stores a [Result] of each run, so that an interrupted
// plan can be resumed. [NewReport] compares the variants by pairs of words from held-out sentences, by sets
// of human judgments, and by speed.
package ablate
