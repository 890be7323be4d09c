package machine

import (
	"fmt"
	"os"
	"os/exec"
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
		if got, ok := meminfo(c.text, "MemAvailable"); got != c.want || ok != c.ok {
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
	self := filepath.Join(root, "self")
	check := func(what string, want int64, wantLimited bool) {
		t.Helper()
		left, limited := cgroupMemory(self, root)
		if limited != wantLimited || limited && left != want {
			t.Errorf("%s: %d left, limited %v; want %d, %v", what, left, limited, want, wantLimited)
		}
	}
	check("no groups", 0, false)
	write("self", "0::/jobs/one\n")
	check("no limit files", 0, false)
	write("jobs/one/memory.max", "max\n")
	write("jobs/one/memory.current", "10\n")
	check("limit max", 0, false)
	write("jobs/memory.max", "1000\n")
	write("jobs/memory.current", "300\n")
	check("limit of the parent", 700, true)
	write("jobs/one/memory.max", "50\n")
	check("own limit", 40, true)
	write("jobs/one/memory.current", "60\n")
	check("above the limit", 0, true)
	write("jobs/one/memory.stat", "anon 12\ninactive_file 20\nfile 30\nactive_file 5\n")
	check("with cached files", 15, true)

	// Version 1 beside version 2, as systems in between have it.
	write("self", "5:cpuset:/\n4:cpu,memory:/box/1\n0::/\n")
	check("version 1 without files", 0, false)
	write("memory/box/1/memory.limit_in_bytes", "9223372036854771712\n")
	write("memory/box/1/memory.usage_in_bytes", "4096\n")
	check("version 1 without limit", 0, false)
	write("memory/memory.limit_in_bytes", "5000\n")
	write("memory/memory.usage_in_bytes", "4100\n")
	check("version 1, limit of the root", 900, true)
	write("memory/box/1/memory.limit_in_bytes", "4300\n")
	write("memory/box/1/memory.stat", "total_inactive_file 6\ninactive_file 900\ntotal_active_file 10\n")
	check("version 1, own limit", 220, true)
	write("unified/memory.max", "100\n")
	write("unified/memory.current", "1\n")
	check("version 2 mounted beside it", 99, true)
}

// Each kind of limit is set in a process of its own, which prints what it finds.
func TestMemoryUnderLimits(t *testing.T) {
	if os.Getenv("PRINT_MEMORY") != "" {
		available, ok := Memory()
		fmt.Println("memory:", available, ok)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("the limits are those of Linux")
	}
	free, ok := Memory()
	if !ok || free < 4<<30 {
		t.Skipf("%d bytes are available, too little to see limits of 3 GiB", free)
	}
	for _, limit := range []string{"ulimit -v 3145728", "ulimit -d 3145728", "export GOMEMLIMIT=3GiB"} {
		c := exec.Command("sh", "-c", limit+` && exec "$0" -test.run '^TestMemoryUnderLimits$'`, os.Args[0])
		c.Env = append(os.Environ(), "PRINT_MEMORY=1")
		out, err := c.CombinedOutput()
		var available int64
		if _, scan := fmt.Sscanf(string(out), "memory: %d true", &available); err != nil || scan != nil {
			t.Errorf("%s: %v, %v: %s", limit, err, scan, out)
		}
		if available > 3<<30 || available < 1<<30 {
			t.Errorf("%s: %d bytes are available, want less than 3 GiB and not much less", limit, available)
		}
	}
}

func TestCPUTimeGrows(t *testing.T) {
	before := CPUTime()
	if before == 0 {
		t.Skip("the system does not tell the processor time")
	}
	for begin := time.Now(); CPUTime() == before; {
		if time.Since(begin) > 10*time.Second {
			t.Fatal("no processor time was counted in 10 seconds of work")
		}
	}
}

func TestLacks(t *testing.T) {
	available, ok := Memory()
	if !ok {
		t.Skip("the system does not tell the available memory")
	}
	if _, lacking := Lacks(1); lacking {
		t.Error("one byte is said to be lacking")
	}
	if got, lacking := Lacks(1 << 60); !lacking || got <= 0 {
		t.Errorf("of 1 EiB, %d bytes are available, and nothing is lacking (%d before)", got, available)
	}
}
