//go:build !unix

package machine

import "time"

// CPUTime returns the processor time, user and system, that the process has
// used; 0 where the system does not tell.
func CPUTime() time.Duration { return 0 }
