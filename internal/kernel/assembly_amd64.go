//go:build !noasm

package kernel

// assembly lists the kernels in assembly for this architecture.
var assembly []Kernel
