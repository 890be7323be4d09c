//go:build noasm || (!amd64 && !arm64)

package kernel

// assembly lists the kernels in assembly: none in this build.
var assembly []Kernel
