//go:build noasm || !amd64

package kernel

// scratch is the memory a step needs besides the matrices.
type scratch struct{ buffers }
