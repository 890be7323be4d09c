package bench

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// ownProcessors lists the processors that this process may use.
func ownProcessors() string {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return err.Error()
	}
	var list []int
	for cpu := range 1024 {
		if set.IsSet(cpu) {
			list = append(list, cpu)
		}
	}
	return fmt.Sprint(list)
}
