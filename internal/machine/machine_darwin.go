package machine

import "golang.org/x/sys/unix"

// systemMemory returns the memory the machine has: macOS tells no figure for
// what is available that counts what it would free on demand.
func systemMemory() (int64, bool) {
	size, err := unix.SysctlUint64("hw.memsize")
	return int64(size), err == nil
}

// processMemory tells nothing: macOS does not enforce limits on address space.
func processMemory() (int64, bool) { return 0, false }
