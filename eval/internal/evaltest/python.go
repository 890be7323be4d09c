package evaltest

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// PythonWith returns the system's Python. It skips the test if Python lacks the module.
func PythonWith(t testing.TB, module string) string {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import "+module).Run(); err != nil {
		t.Skipf("%s has no %s, the reference this test needs: %v", python, module, err)
	}
	return python
}

// RunPython runs a program with input as JSON on its standard input, and
// decodes the JSON it prints into output.
func RunPython(t testing.TB, python, program string, input, output any) {
	t.Helper()
	data, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", program)
	cmd.Stdin = strings.NewReader(string(data))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	printed, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", python, err, stderr.String())
	}
	if err := json.Unmarshal(printed, output); err != nil {
		t.Fatalf("%s printed %q: %v", python, printed, err)
	}
}
