//go:build !linux

package machine

// processMemory knows no limits: macOS, for one, does not enforce those on address space.
func processMemory() (int64, bool) { return 0, false }

// HugePages does nothing on systems other than Linux.
func HugePages([]float32) {}
