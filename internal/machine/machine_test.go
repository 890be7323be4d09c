package machine

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func TestMemoryOfThisMachine(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the figure is compared with /proc")
	}
	available, ok := Memory()
	if !ok || available < 1<<20 || available > 1<<50 {
		t.Errorf("Memory() = %d, %v", available, ok)
	}
}

func TestMeminfo(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
		ok   bool
	}{
		{"MemTotal:  100 kB\nMemAvailable:   24 kB\nBuffers: 1 kB\n", 24 << 10, true},
		{"MemTotal:  100 kB\n", 0, false},
		{"MemAvailable: lots\n", 0, false},
	} {
		if got, ok := meminfo(c.text); got != c.want || ok != c.ok {
			t.Errorf("meminfo(%q) = %d, %v, want %d, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

func TestCgroupMemory(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("self", "0::/jobs/one\n")
	self := filepath.Join(root, "self")
	if left, limited := cgroupMemory(self, root); limited {
		t.Errorf("no limit files: %d left", left)
	}
	write("jobs/one/memory.max", "max\n")
	write("jobs/one/memory.current", "10\n")
	if left, limited := cgroupMemory(self, root); limited {
		t.Errorf("limit max: %d left", left)
	}
	write("jobs/memory.max", "1000\n")
	write("jobs/memory.current", "300\n")
	if left, limited := cgroupMemory(self, root); !limited || left != 700 {
		t.Errorf("limit of the parent: %d, %v, want 700", left, limited)
	}
	write("jobs/one/memory.max", "50\n")
	if left, limited := cgroupMemory(self, root); !limited || left != 40 {
		t.Errorf("own limit: %d, %v, want 40", left, limited)
	}
}

func TestCPUTimeGrows(t *testing.T) {
	before := CPUTime()
	if before == 0 {
		t.Skip("the system tells no processor time")
	}
	for begin := time.Now(); CPUTime() == before; {
		if time.Since(begin) > 10*time.Second {
			t.Fatal("no processor time was counted in 10 seconds of work")
		}
	}
}
