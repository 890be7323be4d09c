//go:build !linux

package machine

// HugePages does nothing where there is no way to ask for large pages.
func HugePages([]float32) {}
