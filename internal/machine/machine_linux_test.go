package machine

import (
	"os"
	"strings"
	"testing"
)

// TestHugePages checks that a mapping of the process is marked for large pages.
func TestHugePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("the kernel has no transparent large pages")
	}
	HugePages(nil)
	HugePages(make([]float32, 1000)) // too small for a page
	values := make([]float32, 4*hugePage/4)
	HugePages(values)
	values[len(values)/2] = 1
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && strings.Contains(flags, " hg") {
			return
		}
	}
	t.Error("no mapping is marked for large pages")
}
