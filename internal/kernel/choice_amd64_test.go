//go:build !noasm

package kernel

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/klauspost/cpuid/v2"
)

func TestPreferred(t *testing.T) {
	avx512 := []cpuid.FeatureID{cpuid.AVX2, cpuid.FMA3, cpuid.AVX512F, cpuid.AVX512DQ, cpuid.AVX512VL}
	for _, c := range []struct {
		name          string
		vendor        cpuid.Vendor
		family, model int
		features      []cpuid.FeatureID
		dim           int
		want          string
	}{
		{"Zen 5", cpuid.AMD, 26, 2, avx512, 100, "avx512"},
		{"Zen 5, few dimensions", cpuid.AMD, 26, 2, avx512, 8, "avx2"},
		{"Zen 4", cpuid.AMD, 25, 17, avx512, 100, "avx512"},
		{"Zen 3", cpuid.AMD, 25, 1, avx512[:2], 300, "avx2"},
		{"Cascade Lake", cpuid.Intel, 6, 85, avx512, 100, "avx512vl"},
		{"Ice Lake", cpuid.Intel, 6, 106, avx512, 100, "avx512"},
		{"Alder Lake: some cores have no AVX-512, so none has", cpuid.Intel, 6, 151, avx512[:2], 100, "avx2"},
		{"Knights Landing has AVX-512 without VL", cpuid.Intel, 6, 87, avx512[:3], 100, "avx2"},
		{"an operating system that saves no registers of 512 bits", cpuid.AMD, 26, 2, avx512[:2], 100, "avx2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p cpuid.CPUInfo
			p.VendorID, p.Family, p.Model = c.vendor, c.family, c.model
			p.Enable(c.features...)
			if got := preferredOn(&p, c.dim); got != c.want {
				t.Errorf("dimension %d: %s, want %s", c.dim, got, c.want)
			}
		})
	}
}

// TestRegistersOfForms checks that the assembly for AVX2 uses no register that only AVX-512 has, and that for 32
// registers of 256 bits none of 512 bits: the assembler takes any.
func TestRegistersOfForms(t *testing.T) {
	text, err := os.ReadFile("step_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	forbidden := map[string]*regexp.Regexp{
		"AVX2":     regexp.MustCompile(`\b([XY](1[6-9]|2\d|3[01])|Z\d+|K\d)\b`),
		"AVX512VL": regexp.MustCompile(`\bZ\d+\b`),
	}
	functions := map[string]int{}
	for _, f := range strings.Split(string(text), "\nTEXT ·")[1:] {
		name, body, _ := strings.Cut(f, "(SB)")
		for form, registers := range forbidden {
			if !strings.HasSuffix(name, form) {
				continue
			}
			functions[form]++
			if r := registers.FindString(body); r != "" {
				t.Errorf("%s uses the register %s", name, r)
			}
		}
	}
	if functions["AVX2"] != 16 || functions["AVX512VL"] != 16 {
		t.Errorf("checked %v functions, want 16 of each", functions)
	}
}
