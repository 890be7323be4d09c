package kernel

// This directive is in a file without build constraints, as "go generate" passes over files
// of other architectures.

//go:generate go run -C _asm ./neon -out ../step_arm64.s
