// Package bench trains the same text with the same settings by kindred and by
// other people's tools, and reports speed and quality together.
//
// An [Experiment] says what is trained by which tools; it can be kept in a small TOML
// file. [Bench.Run] performs it in rounds, each tool once a round (A B C A B C …), so that a
// machine that slows down does so for all, and compares them round by round.
// Each round has its own seed, so the rounds of a tool are the seeds of one system.
//
// What is particular about a tool is in its driver, one file each: how it is found
// and called, and which settings it can't be given. A finished run is kept in a
// directory of its own with its measurements (run.json), its vectors and its output, so
// that a benchmark can be interrupted and continued.
package bench
