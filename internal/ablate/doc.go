// Package ablate trains many models that differ in a few settings, on one text
// that is read once, and tells what each setting is worth.
//
// A [Plan] lists the [Variant]s: the first is the baseline, and the others
// differ from it in what is to be judged. [Plan.Run] trains each of them with
// each of its seeds, several at a time with a thread each, and keeps a [Result]
// of each run in a file, so that what was interrupted goes on where it
// was. [NewReport] compares the variants: on pairs of words from sentences held
// out, on sets of human judgements, and in speed.
package ablate
