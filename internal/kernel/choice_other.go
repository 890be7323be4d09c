//go:build noasm || !amd64

package kernel

// preferred returns the name of the kernel to choose: that of the assembly, if there is one.
func preferred(int) string { return usable[0].Name }
