//go:build !linux

package bench

func ownProcessors() string { return "unknown" }
