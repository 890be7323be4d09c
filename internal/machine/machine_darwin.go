package machine

import "golang.org/x/sys/unix"

// systemMemory returns the memory of the machine. macOS has no figure for what is available that
// counts what it would free on demand.
func systemMemory() (int64, bool) {
	size, err := unix.SysctlUint64("hw.memsize")
	return int64(size), err == nil
}
