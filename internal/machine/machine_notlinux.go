//go:build !linux

package machine

import "time"

// AddressSpace knows no limits on this system: macOS, for one, does not enforce those on address space.
func AddressSpace() (int64, bool) { return 0, false }

func residentMemory() (now, most int64, ok bool) { return 0, 0, false }

// HugePages does nothing on systems other than Linux.
func HugePages([]float32) {}

var start = time.Now()

// ThreadTime returns the time on the wall, from an arbitrary moment.
func ThreadTime() time.Duration { return time.Since(start) }
