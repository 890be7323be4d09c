package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// startPinned starts a process in a group of its own: Ctrl-C reaches it through this program only. The
// process ends with this program, even if that is killed: left behind, it would slow down the resumed
// benchmark and write to its directory. A child inherits the processors of the thread that starts it, so
// this thread is pinned for the moment.
func startPinned(cmd *exec.Cmd, pin []int) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if len(pin) == 0 {
		return cmd.Start()
	}
	var before, set unix.CPUSet
	for _, cpu := range pin {
		set.Set(cpu)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("processors of the program: %w", err)
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("can't pin to processors %v: %w; are they there?", pin, err)
	}
	err := cmd.Start()
	if back := unix.SchedSetaffinity(0, &before); back != nil && err == nil {
		err = fmt.Errorf("processors of the program: %w", back)
		return errors.Join(err, killGroup(cmd.Process))
	}
	return err
}

// processTime returns the processor time of a running process. Linux has a clock for each process,
// numbered as in include/linux/posix-timers.h.
func processTime(pid int) time.Duration {
	const scheduled = 2
	var t unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|scheduled), &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

func peakMemory(p *os.ProcessState) int64 {
	if r, ok := p.SysUsage().(*syscall.Rusage); ok {
		return r.Maxrss << 10
	}
	return 0
}

// killGroup kills a process and those it has started.
func killGroup(p *os.Process) error { return unix.Kill(-p.Pid, unix.SIGKILL) }
