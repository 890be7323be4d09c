//go:build !noasm

package kernel

import "github.com/klauspost/cpuid/v2"

// A choice is the kernel for some processors and dimensions. docs/benchmarks.md has the measurements.
type choice struct {
	processors string
	is         func(p *cpuid.CPUInfo) bool
	most       int // dimension; 0 for any
	kernel     string
	// measured says that the figures are of these processors. The others are judged by what is known
	// of their registers.
	measured bool
}

// choices are looked through from the first to the last. A kernel that a processor does not have is not
// chosen.
var choices = []choice{
	{"AMD Zen 5", isAMD(26), 8, "avx2", true},
	{"AMD Zen 5", isAMD(26), 0, "avx512", true},
	{"AMD Zen 4", isAMD(25), 8, "avx2", false},
	// Operations of 512 bits take two turns, but there are half as many. Measured from dimension 50 on.
	{"AMD Zen 4", isAMD(25), 0, "avx512", true},
	// Operations of 512 bits lower the clock most.
	{"Intel Skylake, Cascade Lake and Cooper Lake servers", isIntel(85), 0, "avx512vl", false},
	{"others with at most 8 dimensions", anyProcessor, 8, "avx2", false},
	{"others with AVX-512", anyProcessor, 0, "avx512", false},
}

func isAMD(family int) func(*cpuid.CPUInfo) bool {
	return func(p *cpuid.CPUInfo) bool { return p.VendorID == cpuid.AMD && p.Family == family }
}

func isIntel(model int) func(*cpuid.CPUInfo) bool {
	return func(p *cpuid.CPUInfo) bool {
		return p.VendorID == cpuid.Intel && p.Family == 6 && p.Model == model
	}
}

func anyProcessor(*cpuid.CPUInfo) bool { return true }

// preferred returns the name of the kernel to choose on this processor.
func preferred(dim int) string { return preferredOn(&cpuid.CPU, dim) }

// preferredOn returns the name of the kernel for a processor. Processors with cores that lack AVX-512 report
// that they have none.
func preferredOn(p *cpuid.CPUInfo, dim int) string {
	for _, c := range choices {
		if c.is(p) && (c.most == 0 || dim <= c.most) && (c.kernel == "avx2" || supportsAVX512(p)) {
			return c.kernel
		}
	}
	return "avx2"
}

func supportsAVX2(p *cpuid.CPUInfo) bool { return p.Supports(cpuid.AVX2, cpuid.FMA3) }

// supportsAVX512 reports what all AVX-512 kernels need. cpuid clears these features if the operating system does
// not save the registers.
func supportsAVX512(p *cpuid.CPUInfo) bool {
	return supportsAVX2(p) && p.Supports(cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512VL)
}
