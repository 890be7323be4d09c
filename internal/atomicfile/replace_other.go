//go:build !unix

package atomicfile

import "os"

func replaceable(string) error { return nil }

// replace closes the file, because an open one can't be renamed here, and gives it a name.
func replace(f *os.File, name string) error {
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
