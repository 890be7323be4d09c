//go:build !linux

package bench

import (
	"errors"
	"os"
	"os/exec"
	"time"
)

func startPinned(cmd *exec.Cmd, pin []int) error {
	if len(pin) > 0 {
		return errors.New("processes can be pinned to processors on Linux only")
	}
	return cmd.Start()
}

func processTime(int) time.Duration { return 0 }

func peakMemory(*os.ProcessState) int64 { return 0 }

func killGroup(p *os.Process) error { return p.Kill() }
