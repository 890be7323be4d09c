// Package bench trains on the same text with the same settings by kindred and by other tools, and reports
// speed and quality together.
//
// An [Experiment] lists the text, the settings and the tools. It can be kept in a small TOML file.
// [Bench.Run] performs it in rounds: each tool trains once a round (A B C A B C …), so that a machine that
// slows down does so for all tools. Each round has its own seed, so the rounds of a tool are the seeds of
// one system.
//
// The drivers in one table know the tools: how to find and call them, and which settings they can't be
// given. A finished run has a directory of its own with its measurements (run.json), its vectors and its
// output, so that an interrupted benchmark can be resumed.
package bench
